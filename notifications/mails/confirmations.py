"""Proof that somebody reads the mail that we send to an address: a signed link, which expires."""

import time
from datetime import UTC, datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from notifications.mails import limits, sending
from notifications.mails.messages import written
from notifications.mails.recipients import recipient_for
from notifications.models import DisabledAddress, Preferences
from repositories.models import Repository

SALT = "notifications.confirm-address"
VALID = timedelta(days=3)


class NotWanted(Exception):
    """Whoever reads there has said that they want no mail from us."""


class NotNeeded(Exception):
    """There is nothing to confirm. The text says why."""


# -- a repository's own address


def ask_repository(preferences: Preferences, user: User) -> None:
    """Send the link to the repository's own address. Raises limits.TooMany, NotWanted, Refused or TryLater."""
    address, repository = preferences.mail_to, preferences.repository
    complaint = DisabledAddress.objects.of(address).filter(kind=DisabledAddress.Kind.COMPLAINT)
    if not preferences.mail_to_confirmed_at and complaint.exists():
        raise NotWanted("Whoever reads there has reported mail from here as spam.")
    limits.take(address=address, repository=repository.pk, user=user.pk)
    sending.send(message(repository, address, token_of(preferences)))


def message(repository: Repository, address: str, token: str) -> EmailMessage:
    path = reverse("notifications:confirm-address", args=[token])
    return written(
        "notifications/confirm_address_mail",
        {"repository": repository, "url": settings.SITE_URL + path, "days": VALID.days, "tone": "plain"},
        subject=f"Confirm this address for mail about {repository.full_name}",
        recipient=address,
        headers={"Auto-Submitted": "auto-generated"},
    )


def token_of(preferences: Preferences) -> str:
    return signing.dumps([preferences.repository_id, preferences.mail_to, time.time()], salt=SALT)


def preferences_of_token(token: str) -> Preferences | None:
    """None: not of ours, too old, of an address that was changed since, or sent before mail to it came back."""
    try:
        repository, address, asked_at = signing.loads(token, salt=SALT, max_age=VALID)
    except signing.BadSignature:
        return None
    asked = datetime.fromtimestamp(asked_at, UTC)
    if DisabledAddress.objects.of(address).filter(at__gt=asked).exists():
        return None
    return Preferences.objects.select_related("repository").filter(repository=repository, mail_to=address).first()


@transaction.atomic
def confirm(preferences: Preferences) -> bool:
    """Use the address, also if mail had come back from it. False: it was changed meanwhile."""
    confirmed = preferences.confirm_mail_to()
    if confirmed:
        DisabledAddress.objects.enable(preferences.mail_to)
    return confirmed


# -- an account's address


def ask_user(user: User, request: HttpRequest) -> str:
    """Send allauth's own link to the account's address, which counts as unconfirmed from now on; the address.

    What follows its use is in `notifications.receivers`. Raises NotNeeded, limits.TooMany, Refused or TryLater.
    """
    address = address_to_confirm(user)
    if address is None:
        raise NotNeeded("There is no address.")
    if not recipient_for(user).obstacle:
        raise NotNeeded(f"{address.email} is confirmed already.")
    limits.take(address=address.email, user=user.pk)
    address.verified = False  # else allauth takes its link for used
    address.save()
    with sending.faults_named():
        address.send_confirmation(request)
    return str(address.email)


def address_to_confirm(user: User) -> EmailAddress | None:
    """The address that mail goes to, or would if it were confirmed; None where there is none.

    One that an administrator gave has no row yet.
    """
    known = EmailAddress.objects.filter(user=user).order_by("-verified", "-primary", "pk").first()
    if known or not user.email:
        return known
    return EmailAddress(user=user, email=user.email.lower(), primary=True)
