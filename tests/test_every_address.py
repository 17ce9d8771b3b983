"""What holds for each address of ours, those of tomorrow too: they are read from the URL configuration."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver

from builds.models import Build, Delivery, PullRequest
from forges.pushes import PullRequestAction, PullRequestEvent
from notifications.hooks import writing as hook_writing
from notifications.mails import writing as mail_writing
from notifications.models import Hook
from pages.models import Release
from repositories.models import Repository, Version
from repositories.names import RepositoryName

# Whose permission is a signature or a token, and which are posted to without a cookie.
WITHOUT_CSRF = {"builds.views.webhook.webhook", "notifications.views.unsubscribe.unsubscribe"}
OURS = ("notifications", "accounts", "repositories", "pages", "badges", "builds")
COMMIT = "a" * 40


def patterns(resolver=None, app=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, pattern.app_name or app)
        elif app in OURS:
            yield pattern, app


def view_of(pattern):
    return f"{pattern.callback.__module__}.{pattern.callback.__name__}"


ALL = {str(pattern.pattern): pattern for pattern, _ in patterns()}
OF_A_REPOSITORY = [address for address in ALL if "<name:owner>" in address]
METHODS = ["get", "head", "post", "put", "delete"]


@pytest.fixture
def things(repository, request_build, settings):
    """One of each that an address can name; its id by the name of the address's argument."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    build = request_build(commit=COMMIT)
    hook = Hook.objects.create(repository=repository, url="https://hooks.example.org/")
    pull_request = PullRequest.objects.record(
        repository,
        PullRequestEvent(
            action=PullRequestAction.OPENED,
            number=1,
            commit=COMMIT,
            is_from_fork=True,
            author="nora",
            association="NONE",
            title="Say more",
            is_merged=False,
            repository_id="4711",
        ),
    )
    assert (build.number, pull_request.number) == (1, "1")
    return {
        "number": build.number,
        "hook": hook.pk,
        "call": hook_writing.record_test(hook).pk,
        "mail_id": mail_writing.record_test(repository.pk).pk,
        "release_id": Release.objects.create(
            version=repository.default_version, build_number=1, commit=COMMIT, files=1, size=1
        ).pk,
        "variable": repository.variables.create(name="FLAG", value="on", is_secret=False).pk,
        "version_id": Version.objects.create(repository=repository, kind=Version.Kind.TAG, name="v1.0").pk,
        "delivery_id": Delivery.objects.create(repository=repository, delivery_id="1", event="push").pk,
    }


def path_of(address, full_name, things):
    owner, name = full_name.split("/")
    arguments = {
        "owner": owner,
        "name": name,
        "slug": "latest",
        "kind": "test",
        "token": "x",
        "page": "index",
        **things,
    }
    arguments["webhook_id"] = "00000000-0000-0000-0000-000000000000"
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(arguments[found[1]]), address)


def told(client, method, path):
    response = getattr(client, method)(path)
    shown = {name: value for name, value in response.headers.items() if name != "Content-Security-Policy"}
    if "Expires" in shown:
        shown["Expires"] = "a time"  # the clock may tick between two answers
    text = re.sub(rb'nonce-[^"\']+|value="\w{64}"', b"", response.content)
    return response.status_code, shown, text


def test_there_are_addresses_to_try():
    assert len(OF_A_REPOSITORY) > 25


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("who", ["as_nobody", "as_stranger"])
def test_private_is_as_unknown_byte_for_byte_wherever_one_looks(request, private_repository, things, who, method):
    client = request.getfixturevalue(who)
    for address in OF_A_REPOSITORY:
        unknown = told(client, method, path_of(address, "octo/none", things))
        private = told(client, method, path_of(address, "octo/docs", things))

        status, headers, text = unknown
        headers = {name: value.replace("octo/none", "octo/docs") for name, value in headers.items()}
        assert private == (status, headers, text.replace(b"octo/none", b"octo/docs")), f"{method} {address}"
        assert status in {302, 404, 405}, f"{method} {address}"


@pytest.mark.parametrize("address", ALL)
def test_only_what_carries_its_own_permission_does_without_the_csrf_token(address):
    is_exempt = getattr(ALL[address].callback, "csrf_exempt", False)

    assert is_exempt == (view_of(ALL[address]) in WITHOUT_CSRF)


@pytest.mark.parametrize("address", ALL)
def test_a_post_without_a_token_changes_nothing(repository, things, owner, address):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.post(path_of(address, "octo/docs", things), {"List-Unsubscribe": "One-Click"})

    assert response.status_code >= 400
    assert changes(queries) == []


@pytest.mark.parametrize("address", ALL)
def test_looking_changes_nothing(repository, things, as_owner, address):
    path = path_of(address, "octo/docs", things)

    with CaptureQueriesContext(connection) as queries:
        for _ in range(2):
            as_owner.get(path)
            as_owner.head(path)

    assert changes(queries) == []


def changes(queries):
    statements = [query["sql"] for query in queries]
    return [sql for sql in statements if re.match(rf'(INSERT INTO|UPDATE|DELETE FROM) "({"|".join(OURS)})_', sql)]


@pytest.mark.parametrize("address", OF_A_REPOSITORY)
def test_what_is_of_another_repository_is_not_found_by_its_id(request, things, stranger, as_stranger, address):
    """A stranger's own repository, and ids that belong to somebody else's."""
    own = Repository.objects.register(
        name=RepositoryName.parse("sam/own"),
        clone_url="https://github.com/sam/own.git",
        forge="github",
        registrant=stranger,
    )
    Build.objects.filter(repository=own).delete()
    ids = {"hook", "call", "mail_id", "number", "release_id", "version_id"}
    named = set(re.findall(r"<(?:\w+:)?(\w+)>", address)) & ids

    for method in ("get", "post") if named else ():
        assert told(as_stranger, method, path_of(address, "sam/own", things))[0] in {404, 405}
