"""One click turns mail off, without signing in; a scanner that follows links changes nothing."""

import re

import pytest
from django.core import signing
from django.test import Client

from notifications.mails.links import SALT, unsubscribe_url
from notifications.models import Mail
from repositories.models import Repository

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail_program():
    """As a mail program is: without a cookie, and with CSRF checked as in production."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def path(repository, settings):
    return unsubscribe_url(repository).removeprefix(settings.SITE_URL)


def is_on(repository):
    repository.refresh_from_db()
    return repository.mail_service


def test_the_address_in_a_mails_header_turns_mail_off_by_one_post(end_build, run_mail_tasks, smtp, mail_program):
    end_build("failed")
    run_mail_tasks()
    [message] = smtp.taken
    address = re.fullmatch(r"<http://localhost:8000(/.+)>", message["List-Unsubscribe"].strip())[1]
    form = "application/x-www-form-urlencoded"
    response = mail_program.post(address, message["List-Unsubscribe-Post"], content_type=form)

    assert response.status_code == 200
    assert not is_on(Repository.objects.get())
    end_build("failed")
    assert Mail.objects.count() == 1


def test_a_form_with_parts_is_taken_as_well(mail_program, path, repository):
    assert mail_program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not is_on(repository)


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(mail_program, path, repository, method):
    response = getattr(mail_program, method)(path)
    assert response.status_code == 200
    assert is_on(repository)
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]


def test_a_page_offers_the_button_then_the_way_back(mail_program, path, repository):
    assert "Turn it off" in mail_program.get(path).content.decode()
    assert "Turn it on again" in mail_program.post(path, {"List-Unsubscribe": "One-Click"}).content.decode()
    assert "Turn it off" in mail_program.post(path, {"List-Unsubscribe": "Undo"}).content.decode()
    assert is_on(repository)


def test_only_the_repository_of_the_token_is_turned_off(mail_program, path, repository, owner):
    other = Repository.objects.create(
        owner="octo", name="other", slug="octo/other", clone_url="https://x.example/o.git", registrant=owner
    )
    mail_program.post(path, {"List-Unsubscribe": "One-Click"})
    assert (is_on(repository), is_on(other)) == (False, True)


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "yes"}, {"undo": "1"}])
def test_a_post_that_says_something_else_is_refused(mail_program, path, repository, body):
    assert mail_program.post(path, body).status_code == 400
    assert is_on(repository)


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(mail_program, path, method):
    assert getattr(mail_program, method)(path).status_code == 405


@pytest.mark.parametrize("token", ["1.1:forged", "nonsense", "..%2f", "1.1"])
def test_a_forged_token_is_a_page_that_does_not_exist(mail_program, repository, token):
    assert mail_program.post(f"/unsubscribe/{token}/", {"List-Unsubscribe": "One-Click"}).status_code == 404
    assert is_on(repository)


def test_a_signature_made_for_something_else_does_not_count(mail_program, repository):
    token = signing.Signer(salt=f"not {SALT}").sign(f"{repository.pk}.{repository.registrant_id}")
    assert mail_program.post(f"/unsubscribe/{token}/", {"List-Unsubscribe": "One-Click"}).status_code == 404


def test_the_links_of_a_former_registrant_end_with_the_registration(mail_program, path, repository, stranger):
    Repository.objects.update(registrant=stranger)
    assert mail_program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 404
    assert is_on(repository)
