"""Settings of outgoing mail, from the environment."""

import pytest
from django.core import mail

from yaydoc.mail import mail_provider, mail_server, sender, webhook_secrets


@pytest.mark.parametrize(
    ("url", "host", "port", "starttls", "tls"),
    [
        ("smtp://mail.example.org", "mail.example.org", 25, False, False),
        ("smtp://localhost:1025", "localhost", 1025, False, False),
        ("smtp+tls://mail.example.org", "mail.example.org", 587, True, False),
        ("smtps://mail.example.org", "mail.example.org", 465, False, True),
        ("smtp+ssl://mail.example.org:4650", "mail.example.org", 4650, False, True),
    ],
)
def test_a_mail_servers_address_becomes_djangos_settings(settings, url, host, port, starttls, tls):
    for name, value in mail_server(url).items():
        setattr(settings, name, value)
    backend = mail.get_connection()
    assert (backend.host, backend.port, backend.use_tls, backend.use_ssl) == (host, port, starttls, tls)


def test_a_name_and_a_password_may_hold_any_character():
    made = mail_server("smtp+tls://olivia%40example.org:p%2Fss%3Aw%40rd@mail.example.org")
    assert (made["EMAIL_HOST_USER"], made["EMAIL_HOST_PASSWORD"]) == ("olivia@example.org", "p/ss:w@rd")


def test_mail_may_go_to_files(settings, tmp_path):
    for name, value in mail_server(f"filemail://{tmp_path}/out").items():
        setattr(settings, name, value)
    mail.send_mail("Hello", "World", None, ["olivia@example.org"])
    assert len(list((tmp_path / "out").iterdir())) == 1


@pytest.mark.parametrize(
    "url", ["mail.example.org", "https://mail.example.org", "smtp://", "smtp://u:p@", "smtp://h/x", "filemail://x"]
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValueError, match="it "):
        mail_server(url)


def test_a_refusal_does_not_tell_the_password():
    with pytest.raises(ValueError, match="no number") as refusal:
        mail_server("smtp://olivia:hun/ter2@mail.example.org")
    assert "hun" not in str(refusal.value)


def test_a_provider_gets_its_own_variables_from_values_and_files(monkeypatch, settings, tmp_path):
    key = tmp_path / "key"
    key.write_text("secret-of-mailgun\n")
    variables = {
        "MAILGUN_API_KEY_FILE": str(key),
        "MAILGUN_SENDER_DOMAIN": "mg.example.org",
        "SENDGRID_API_KEY": "other",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    for name, value in mail_provider("Mailgun", variables).items():
        setattr(settings, name, value)

    backend = mail.get_connection()
    assert settings.ANYMAIL == {"MAILGUN_API_KEY": "secret-of-mailgun", "MAILGUN_SENDER_DOMAIN": "mg.example.org"}
    assert (backend.esp_name, backend.api_key) == ("Mailgun", "secret-of-mailgun")


@pytest.mark.parametrize("name", ["pigeon", "base", "../mailgun", "mailgun.x"])
def test_a_provider_that_anymail_does_not_know_is_refused(name):
    with pytest.raises(ValueError, match="none of the providers"):
        mail_provider(name, [])


@pytest.mark.parametrize("address", ["Yaydoc <docs@example.org>", "docs@example.org"])
def test_a_sender_is_taken_as_it_is(address):
    assert sender(address) == address


@pytest.mark.parametrize("address", ["Yaydoc", "Yaydoc <>", "@example.org", "docs@", "a@b.c\nBcc: d@e.f"])
def test_a_sender_without_an_address_is_refused(address):
    with pytest.raises(ValueError, match="is not of the form"):
        sender(address)


def test_webhook_secrets_may_be_several():
    assert webhook_secrets("yaydoc:0123456789abcdef, new:fedcba9876543210") == [
        "yaydoc:0123456789abcdef",
        "new:fedcba9876543210",
    ]


@pytest.mark.parametrize("value", ["0123456789abcdef", "yaydoc:short", ":0123456789abcdef", "y:0123456789 abcdef"])
def test_a_weak_or_malformed_webhook_secret_is_refused_and_not_told(value):
    with pytest.raises(ValueError, match="user:password") as refusal:
        webhook_secrets(value)
    assert value not in str(refusal.value)
