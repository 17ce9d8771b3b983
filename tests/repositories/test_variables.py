"""Environment variables: which may be set, who sees what of them, and which builds get them."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from repositories.models import EnvironmentVariable, Version
from repositories.variables import MOST, check_name

PAGE = "/octo/docs/settings/builds/"
STORE = f"{PAGE}variables/"
SECRET = "hunter2-and-more"


def store(client, name="API_TOKEN", value=SECRET, **fields):
    return client.post(STORE, {"name": name, "value": value, **fields}, follow=True)


@pytest.mark.parametrize(
    "name",
    [
        *("", "1A", "A B", "A=B", "A-B", "Ä", "A\n", "$A", "A;B", "A\0", "٣A"),
        *("PATH", "path", "HOME", "TMPDIR", "LANG", "LC_ALL", "VIRTUAL_ENV", "https_proxy", "NO_PROXY"),
        *(
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "BASH_ENV",
            "ENV",
            "IFS",
            "GLIBC_TUNABLES",
        ),
        *("READTHEDOCS", "READTHEDOCS_VERSION", "YAYDOC", "YAYDOC_SANDBOX", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT"),
        *("UV_CACHE_DIR", "UV_PYTHON", "PIP_CONFIG_FILE", "PIP_CACHE_DIR", "SSL_CERT_FILE", "OPENSSL_CONF"),
    ],
)
def test_names_that_cannot_be_or_would_break_a_build_are_refused(name):
    with pytest.raises(ValidationError):
        check_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("API_TOKEN", "_a", "a1", "DOCS_LANGUAGE", "PATHS", "OLD_PATH", "ENVIRONMENT", "SPHINXOPTS", "HOMEPAGE"),
        *("UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_COMPANY_PASSWORD", "PIP_INDEX_URL"),
    ],
)
def test_others_and_those_that_say_where_packages_come_from_are_not(name):
    check_name(name)


def test_a_secret_is_stored_encrypted_and_shown_to_nobody(as_owner, as_staff, repository):
    page = store(as_owner, is_secret="on")

    stored = repository.variables.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM repositories_environmentvariable")
        (at_rest,) = cursor.fetchone()
    admin = "/admin/repositories/environmentvariable/"
    assert (stored.name, stored.value, stored.is_secret) == ("API_TOKEN", SECRET, True)
    assert SECRET not in at_rest
    assert SECRET in repository.secrets
    for text in (
        page.text,
        as_owner.get(PAGE).text,
        as_staff.get(admin).text,
        as_staff.get(f"{admin}{stored.pk}/change/").text,
    ):
        assert "API_TOKEN" in text
        assert SECRET not in text


def test_a_plain_value_is_shown_and_not_masked(as_owner, repository):
    assert "German words" in store(as_owner, "DOCS_WORDS", "German words").text
    assert "German words" not in repository.secrets


def test_the_same_name_replaces_the_value_and_removing_forgets_it(as_owner, repository):
    store(as_owner, is_secret="on")
    store(as_owner, value="another-value", is_secret="on")
    (stored,) = repository.variables.all()
    assert stored.value == "another-value"

    as_owner.post(f"{STORE}{stored.pk}/remove/")

    assert not repository.variables.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"value": "short12", "is_secret": "on"}, "A secret has 8 characters or more"),
        ({"value": "", "is_secret": "on"}, "A secret has 8 characters or more"),
        ({"value": "several\nlines-of-it", "is_secret": "on"}, "A value is one line."),
        ({"value": "x" * 4_001}, "at most 4000 characters"),
        ({"name": "LD_PRELOAD"}, "LD_PRELOAD would change how programs start"),
        ({"name": "READTHEDOCS_X"}, "READTHEDOCS_X is set by each build itself"),
    ],
)
def test_what_cannot_be_kept_secret_or_passed_on_is_refused_in_a_sentence(as_owner, repository, fields, sentence):
    page = store(as_owner, **fields)

    assert sentence in page.text
    assert fields.get("value") is None or len(fields["value"]) < 8 or fields["value"] not in page.text
    assert not repository.variables.exists()


def test_there_are_so_many_and_no_more(as_owner, repository):
    repository.variables.bulk_create(
        EnvironmentVariable(repository=repository, name=f"V{number}", value="x") for number in range(MOST)
    )

    assert "at most 50 variables" in store(as_owner).text
    store(as_owner, "V1", "replaced")
    assert repository.variables.get(name="V1").value == "replaced"


def test_others_neither_store_nor_remove(as_stranger, as_nobody, repository):
    mine = repository.variables.create(name="MINE", value="x")

    for client in (as_stranger, as_nobody):
        store(client)
        client.post(f"{STORE}{mine.pk}/remove/")

    assert list(repository.variables.all()) == [mine]


def test_a_pull_request_gets_no_secret(repository, version):
    repository.variables.create(name="PLAIN", value="x", is_secret=False)
    repository.variables.create(name="HIDDEN", value=SECRET)
    proposal = Version(repository=repository, kind=Version.Kind.PULL_REQUEST, name="1", slug="pr-1")

    def given(to):
        return [variable.name for variable in EnvironmentVariable.objects.given_to(to)]

    assert given(version) == ["HIDDEN", "PLAIN"]
    assert given(proposal) == ["PLAIN"]
