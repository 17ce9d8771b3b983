"""The mails of sign-up and sign-in: in our words and our look, with addresses that no request can bend."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from django.core import mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_another_host(settings):
    """Asks as a client that names another of the site's host names."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "internal.example.org"]
    return {"HTTP_HOST": "internal.example.org"}


def sign_up(client, email, **options):
    password = "correct horse battery staple"
    fields = {"email": email, "username": "newcomer", "password1": password, "password2": password}
    client.post("/accounts/signup/", fields, **options)


def ask_for_a_password(client, email, **options):
    client.post("/accounts/password/reset/", {"email": email}, **options)


@pytest.fixture
def known(owner):
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)


@pytest.mark.parametrize(
    ("ask", "email", "subject", "path"),
    [
        (sign_up, "new@example.org", "Confirm your e-mail address for Yaydoc", "/accounts/confirm-email/"),
        (
            ask_for_a_password,
            "olivia@example.org",
            "Set a new password for Yaydoc",
            "/accounts/password/reset/key/",
        ),
        (
            ask_for_a_password,
            "new@example.org",
            "No account of Yaydoc has this address",
            "/accounts/password/reset/",
        ),
    ],
)
def test_every_address_in_a_mail_is_made_on_the_sites_own(
    as_nobody, known, mailoutbox, by_another_host, ask, email, subject, path
):
    ask(as_nobody, email, **by_another_host)
    [message] = mailoutbox
    html = message.alternatives[0][0]

    assert (message.subject, message.to) == (subject, [email])
    assert f"http://localhost:8000{path}" in message.body
    assert f'href="http://localhost:8000{path}' in html
    links = re.findall(r"https?://[^\s\"<]+", message.body + html)
    assert {link for link in links if not link.startswith("http://localhost:8000/")} == set()
    assert message.message()["Auto-Submitted"] == "auto-generated"
    assert message.message().as_bytes().isascii()
    assert "internal.example.org" not in message.message().as_string()


def test_a_name_with_markup_stays_text_in_a_mail(as_nobody, known, owner, mailoutbox):
    type(owner).objects.filter(pk=owner.pk).update(username="<b>&amp;")
    ask_for_a_password(as_nobody, owner.email)
    [message] = mailoutbox

    assert "<b>&amp;" in " ".join(message.body.split())
    assert "&lt;b&gt;&amp;amp;" in message.alternatives[0][0]


def test_links_to_confirm_one_address_are_few_a_day(as_owner, owner, monkeypatch):
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True)
    now = time.time()

    for number in range(10):
        monkeypatch.setattr(ratelimit.time, "time", lambda minutes=4 * number: now + 60 * minutes)
        as_owner.post("/accounts/email/", {"action_send": "", "email": owner.email})

    assert len(mail.outbox) == 5
