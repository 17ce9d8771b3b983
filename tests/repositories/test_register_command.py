"""`manage.py register`."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from builds.models import Build
from repositories.models import Repository


@pytest.fixture
def administrator(db):
    return User.objects.create_superuser("root", "root@example.org")


def run(*arguments, **options):
    out = StringIO()
    call_command("register", *arguments, stdout=out, **options)
    return out.getvalue()


def test_it_prints_the_addresses_and_the_secret(administrator):
    printed = run("https://github.com/acme/handbook")

    repository = Repository.objects.get()
    for text in (
        repository.page_url,
        repository.docs_url,
        repository.badge_url,
        repository.webhook_url,
        repository.webhook_secret,
    ):
        assert text in printed
    assert repository.registrant == administrator
    assert Build.objects.get().number == 1


def test_name_branch_and_registrant_can_be_given(administrator, owner):
    run("https://github.com/acme/handbook", name="books/python", branch="stable", registrant=owner.username)

    repository = Repository.objects.get()
    assert (repository.full_name, repository.default_branch, repository.registrant) == (
        "books/python",
        "stable",
        owner,
    )


@pytest.mark.parametrize(
    ("url", "options", "sentence"),
    [
        ("https://127.0.0.1/a/b", {}, "not allowed"),
        ("https://github.com/a/b", {"name": "admin/x"}, "reserved"),
        ("https://github.com/a/b", {"registrant": "nobody"}, "no user called nobody"),
        ("https://github.com/a/b", {"branch": "a b"}, "git allows"),
    ],
)
def test_bad_input_ends_with_2_and_one_sentence(administrator, url, options, sentence):
    with pytest.raises(CommandError, match=sentence) as refused:
        run(url, **options)

    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)
    assert not Repository.objects.exists()


def test_a_name_that_is_taken_is_bad_input_too(administrator):
    run("https://github.com/a/b")

    with pytest.raises(CommandError, match="registered already"):
        run("https://github.com/a/b")


def test_without_a_superuser_it_asks_for_a_registrant(db):
    with pytest.raises(CommandError, match="--registrant"):
        run("https://github.com/a/b")
