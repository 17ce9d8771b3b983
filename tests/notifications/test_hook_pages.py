"""The tab Integrations: outgoing webhooks are added, changed, tried, renewed and removed by who may."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from notifications.hooks.forms import MOST
from notifications.models import Hook, HookCall, OutgoingState
from repositories.models import Repository
from repositories.names import RepositoryName

pytestmark = pytest.mark.django_db

PAGE = "/octo/docs/settings/integrations/"
NEW = f"{PAGE}hooks/"
FIELDS = {"url": "https://hooks.example.org/a?b=c", "wishes": ["success", "failed"]}


def page_of(hook):
    return f"{NEW}{hook.pk}/"


def told(response):
    return [str(message) for message in response.context["messages"]]


def test_the_owner_adds_a_webhook_and_sees_its_secret_once(as_owner, repository):
    response = as_owner.post(NEW, FIELDS, follow=True)

    hook = Hook.objects.get()
    assert (hook.repository, hook.url, hook.wishes, hook.is_active) == (
        repository,
        FIELDS["url"],
        FIELDS["wishes"],
        True,
    )
    assert response.redirect_chain == [(page_of(hook), 302)]
    assert hook.secret in response.text.replace("&#x27;", "'")
    assert "no-store" in response["Cache-Control"]
    assert "whsec_" not in as_owner.get(page_of(hook)).text


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://user:password@example.org/",
        "https://example.org:8443/",
        "https://example.org/\x00",
        "ftp://example.org/",
        "javascript:alert(1)",
        "",
        "https://example.org/" + "a" * 500,
    ],
)
def test_an_address_that_may_not_be_called_is_refused_at_saving(as_owner, repository, url):
    response = as_owner.post(NEW, {**FIELDS, "url": url})
    assert Hook.objects.count() == 0
    assert response.status_code == 400 or 'class="errorlist"' in response.text


@pytest.mark.parametrize("wishes", [[], ["everything"], ["success", "unheard"]])
def test_only_events_that_there_are_may_be_asked_for(as_owner, repository, wishes):
    response = as_owner.post(NEW, {**FIELDS, "wishes": wishes})
    assert (Hook.objects.count(), 'class="errorlist"' in response.text) == (0, True)


def test_a_repository_has_a_bounded_number_of_webhooks(as_owner, repository):
    for _ in range(MOST + 1):
        response = as_owner.post(NEW, FIELDS)
    assert Hook.objects.count() == MOST
    assert f"at most {MOST}" in response.text


def test_a_webhook_is_changed_and_nothing_else_of_it(as_owner, hook):
    secret = hook.secret
    as_owner.post(page_of(hook), {"url": "https://example.org", "wishes": ["started"], "is_active": "on"})
    hook.refresh_from_db()
    assert (hook.url, hook.wishes, hook.is_active, hook.secret) == (
        "https://example.org/",
        ["started"],
        True,
        secret,
    )


def test_a_change_to_a_forbidden_address_is_refused(as_owner, hook):
    before = hook.url
    response = as_owner.post(page_of(hook), {"url": "https://10.1.2.3/", "wishes": ["started"], "is_active": "on"})
    hook.refresh_from_db()
    assert (hook.url, "not a public one" in response.text) == (before, True)


def test_turning_a_webhook_on_again_forgets_why_it_was_off(as_owner, hook):
    hook.turn_off("No call has succeeded for 3 days.")
    assert "No call has succeeded for 3 days." in as_owner.get(page_of(hook)).text
    as_owner.post(page_of(hook), {"url": hook.url, "wishes": hook.wishes, "is_active": "on"})
    hook.refresh_from_db()
    assert (hook.is_active, hook.turned_off_because, hook.failing_since) == (True, "", None)


def test_turning_it_on_in_the_admin_forgets_its_failures_too(as_staff, hook):
    """Else the next failure would turn it off at once."""
    hook.turn_off("No call has succeeded for 3 days.")
    Hook.objects.update(failing_since=timezone.now())

    as_staff.post(reverse("admin:notifications_hook_change", args=[hook.pk]), {"is_active": "on"})

    hook.refresh_from_db()
    assert (hook.is_active, hook.turned_off_because, hook.failing_since) == (True, "", None)


def test_a_webhook_that_we_turned_off_is_told_of_on_the_repositorys_page(as_owner, as_stranger, hook):
    sentence = "The webhook to 127.0.0.1 was turned off. No call has succeeded for 3 days."
    hook.turn_off("No call has succeeded for 3 days.")
    assert sentence in as_owner.get("/octo/docs/").text
    assert sentence not in as_stranger.get("/octo/docs/").text
    Hook.objects.update(turned_off_because="")  # by a person
    assert sentence not in as_owner.get("/octo/docs/").text


def test_a_renewed_secret_is_shown_once_and_the_old_one_still_signs(as_owner, hook):
    old = hook.secret
    response = as_owner.post(f"{page_of(hook)}secret/", follow=True)
    hook.refresh_from_db()
    assert hook.secrets() == [hook.secret, old]
    assert hook.secret in response.text
    assert old not in response.text
    assert hook.secret not in as_owner.get(page_of(hook)).text


def test_a_test_is_sent_and_only_one_at_a_time(as_owner, hook, django_capture_on_commit_callbacks, run_hook_tasks):
    with django_capture_on_commit_callbacks(execute=True):
        first = as_owner.post(f"{page_of(hook)}test/", follow=True)
        second = as_owner.post(f"{page_of(hook)}test/", follow=True)
    assert (len(told(first)), told(second)) == (1, ["Another test is under way: wait for it."])
    run_hook_tasks()
    page = as_owner.get(page_of(hook)).text
    assert [part in page for part in ("hook.test", "204", "sent")] == [True] * 3


def test_a_settled_call_is_sent_again_under_the_same_id(
    as_owner, hook, end_build, receiving, run_hook_tasks, django_capture_on_commit_callbacks
):
    end_build("failed")
    run_hook_tasks()
    again = f"{page_of(hook)}calls/{HookCall.objects.get().pk}/"
    with django_capture_on_commit_callbacks(execute=True):
        as_owner.post(again)
        warned = as_owner.post(again, follow=True)
    assert told(warned)[-1] == "It is under way already."
    run_hook_tasks()
    first, second = receiving.taken
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)


def test_a_removed_webhook_is_gone_with_its_calls(as_owner, hook, end_build, run_hook_tasks, receiving):
    end_build("failed")
    response = as_owner.post(f"{page_of(hook)}remove/", follow=True)
    assert (Hook.objects.count(), HookCall.objects.count()) == (0, 0)
    assert response.redirect_chain == [(PAGE, 302)]
    assert DBTaskResult.objects.filter(queue_name="hooks").count() == 1
    run_hook_tasks()
    assert receiving.taken == []


PAGES = ["", "hooks/", "hooks/{hook}/", "hooks/{hook}/secret/", "hooks/{hook}/test/", "hooks/{hook}/remove/"]


@pytest.mark.parametrize("path", [*PAGES, "hooks/{hook}/calls/{call}/"])
@pytest.mark.parametrize(("who", "status"), [("as_stranger", 404), ("as_nobody", 302)])
def test_others_neither_see_nor_change_anything(request, hook, end_build, path, who, status):
    end_build("failed")
    HookCall.objects.update(state=OutgoingState.SENT)
    before = list(Hook.objects.values()), list(HookCall.objects.values())
    client = request.getfixturevalue(who)
    address = PAGE + path.format(hook=hook.pk, call=HookCall.objects.get().pk)

    answers = {client.post(address, FIELDS).status_code, client.get(address).status_code}

    assert answers <= {status, 405}
    assert (list(Hook.objects.values()), list(HookCall.objects.values())) == before


def test_a_webhook_of_another_repository_is_not_reached_through_ones_own(as_stranger, stranger, hook):
    Repository.objects.register(
        name=RepositoryName.parse("sam/own"),
        clone_url="https://github.com/sam/own",
        forge="github",
        registrant=stranger,
    )
    for path in ("", "secret/", "test/", "remove/"):
        assert (
            as_stranger.post(f"/sam/own/settings/integrations/hooks/{hook.pk}/{path}", FIELDS).status_code == 404
        )
    assert Hook.objects.get().secret == hook.secret


def test_the_pages_cost_a_fixed_number_of_queries(as_owner, hook, end_build):
    def cost(address):
        with CaptureQueriesContext(connection) as queries:
            as_owner.get(address)
        return len(queries)

    end_build("failed")
    as_owner.get(PAGE)
    before = [cost(PAGE), cost(page_of(hook))]
    for number in range(3):
        Hook.objects.create(repository=hook.repository, url=f"https://example.org/{number}")
        end_build("failed", commit=str(number) * 40)
    assert [cost(PAGE), cost(page_of(hook))] == before
    assert max(before) <= 15


# -- in the admin


def test_the_admin_shows_webhooks_without_their_secrets_and_calls(admin_client, hook, end_build):
    end_build("failed")
    pages = [
        admin_client.get(reverse(f"admin:notifications_{name}", args=args)).text
        for name, args in (
            ("hook_changelist", []),
            ("hook_change", [hook.pk]),
            ("hookcall_changelist", []),
            ("hookcall_change", [HookCall.objects.get().pk]),
        )
    ]
    assert all(hook.url in page for page in pages)
    assert not any("whsec" in page for page in pages)


def test_the_admin_turns_a_webhook_off_and_leaves_its_address_alone(admin_client, hook):
    before = hook.url, hook.secret
    admin_client.post(reverse("admin:notifications_hook_change", args=[hook.pk]), {"url": "https://10.0.0.1/"})
    hook.refresh_from_db()
    assert (hook.is_active, hook.url, hook.secret) == (False, *before)


def test_the_admin_sends_calls_again(admin_client, hook, end_build):
    end_build("failed")
    HookCall.objects.update(state=OutgoingState.EXPIRED)
    chosen = {"action": "send_again", "_selected_action": [HookCall.objects.get().pk]}
    admin_client.post(reverse("admin:notifications_hookcall_changelist"), chosen)
    assert HookCall.objects.get().state == OutgoingState.QUEUED
