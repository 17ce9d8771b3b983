"""Who is mailed about a repository, and what may stand against it."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.db.models.functions import Lower

from notifications.models import DisabledAddress, Preferences
from repositories.models import Repository
from repositories.registrants import confirmed_address_of

NO_ADDRESS = "no address"


@dataclass(frozen=True)
class Recipient:
    """`obstacle` says why nothing is sent to it, as a mail's row says it; "" when nothing stands against it."""

    address: str
    obstacle: str = ""
    disabled: DisabledAddress | None = None
    is_registrant: bool = True  # else it is the repository's own


def recipient_of(repository: Repository) -> Recipient:
    """The repository's own address, once confirmed, else the registrant's."""
    if mail_to := Preferences.objects.of(repository).confirmed_mail_to:
        return replace(recipient_at(mail_to), is_registrant=False)
    return recipient_for(repository.registrant)


def recipient_for(user: User) -> Recipient:
    """Where mail of the user's repositories goes that have no address of their own."""
    return recipient_at(confirmed_address_of(user))


def is_of(repository: Repository, address: str) -> bool:
    """Whether an address is (still) the repository's own or one of its registrant's; written in any case."""
    registrant, address = repository.registrant, address.lower()
    if registrant.is_active and address == registrant.email.lower():
        return True
    if address == Preferences.objects.of(repository).confirmed_mail_to:
        return True
    return bool(EmailAddress.objects.filter(user=registrant, user__is_active=True, email=address).exists())


def used_among(addresses: Collection[str]) -> set[str]:
    """Which of these, in lower case, an account or a repository's settings have, confirmed or not."""
    users = User.objects.annotate(lower=Lower("email")).filter(lower__in=addresses)
    return {
        *Preferences.objects.filter(mail_to__in=addresses).values_list("mail_to", flat=True),
        *EmailAddress.objects.filter(email__in=addresses).values_list("email", flat=True),
        *users.values_list("lower", flat=True),
    }


def recipient_at(address: str) -> Recipient:
    if not address:
        return Recipient("", NO_ADDRESS)
    disabled = DisabledAddress.objects.of(address).first()
    return Recipient(address, disabled.obstacle if disabled else "", disabled)
