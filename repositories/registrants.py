"""Where a registrant can be written to."""

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.db.models import Q


def confirmed_address_of(user: User) -> str:
    """A confirmed address of the user's, the primary one before others; "" when there is none.

    An account that has no address on file with allauth was made by an administrator (admin or createsuperuser),
    who answers for the address in it.
    """
    if not user.is_active:
        return ""
    addresses = list(EmailAddress.objects.filter(user=user).order_by("-verified", "-primary", "pk")[:1])
    if not addresses:
        return str(user.email)
    return str(addresses[0].email) if addresses[0].verified else ""


def file_given_address(user: User) -> None:
    """Store the address that an administrator gave an account as confirmed, where allauth knows of none.

    allauth's page of addresses would store it as unconfirmed as soon as somebody looks at it.
    """
    address = str(user.email).lower()
    known = Q(user=user) | Q(email=address, verified=True)
    if address and not EmailAddress.objects.filter(known).exists():
        EmailAddress.objects.create(user=user, email=address, primary=True, verified=True)
