"""Where a registrant can be written to."""

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User


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
