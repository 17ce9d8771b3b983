"""What sign-up and sign-in ask of us."""

import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.mail.message import utf8_charset_qp
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from repositories.registrants import file_given_address

LONGEST_PASSWORD = 4096  # characters; hashing more is work that anyone could ask for
LONGEST_LOCAL_PART = 64  # characters before the @. Source: RFC 5321, 4.5.3.1.1
# A name with dots, so that nobody has mails sent into the operator's own network.
PUBLIC_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]+", re.IGNORECASE)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGNUP_OPEN)

    def pre_login(self, request: HttpRequest, user: User, **arguments: Any) -> HttpResponseBase | None:
        """Comes before any page at which allauth looks at the account's addresses."""
        file_given_address(user)
        response: HttpResponseBase | None = super().pre_login(request, user, **arguments)
        return response

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """A name with @ could be taken for somebody's address when signing in."""
        if "@" in username:
            raise ValidationError("A user name must not contain @.")
        return str(super().clean_username(username, shallow))

    def clean_email(self, email: str) -> str:
        """The address as it is stored. Raises ValidationError for what no mail should be sent to."""
        email = str(super().clean_email(email))
        local_part, _, domain = email.rpartition("@")
        if not email.isascii() or unicodedata.normalize("NFKC", email) != email:
            raise ValidationError("Enter a valid e-mail address.")
        if len(local_part) > LONGEST_LOCAL_PART:
            raise ValidationError(f"Before the @ there may be at most {LONGEST_LOCAL_PART} characters.")
        if not PUBLIC_DOMAIN.fullmatch(domain):
            raise ValidationError("This domain is not allowed.")
        return email

    def clean_password(self, password: str, user: Any = None) -> str:
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(f"A password may have at most {LONGEST_PASSWORD} characters.")
        return str(super().clean_password(password, user))

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        """All addresses in it are made on SITE_URL, and it goes in plain ASCII, as the mails about builds do."""
        urls = {name: on_our_site(value) for name, value in context.items() if name.endswith("_url")}
        headers = {**(headers or {}), "Auto-Submitted": "auto-generated"}
        message: EmailMessage = super().render_mail(template_prefix, email, {**context, **urls}, headers)
        message.encoding = utf8_charset_qp
        return message


def on_our_site(url: str) -> str:
    """The address under SITE_URL, whatever host name the request came by."""
    return settings.SITE_URL + urlsplit(url)._replace(scheme="", netloc="").geturl()
