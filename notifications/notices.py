"""Notices about mail that does not go out: what is wrong, and what can be done about it."""

from collections.abc import Iterator

from django.contrib.auth.models import User
from django.urls import reverse

from notifications.mails.confirmations import address_to_confirm
from notifications.mails.recipients import recipient_for, recipient_of
from notifications.models import DisabledAddress, Pause
from repositories.models import Repository
from repositories.notices import Notice

AGAIN = "Confirm it again"


def about_repository(repository: Repository) -> Iterator[Notice]:
    """Nothing while its mail is off: then nobody misses any."""
    if not repository.mail_service:
        return
    recipient, names = recipient_of(repository), [repository.owner, repository.name]
    if disabled := recipient.disabled:
        whose = "registrant" if recipient.is_registrant else "repository"
        url = reverse(f"notifications:ask-{whose}", args=names)
        yield Notice(came_back(disabled), url, AGAIN, is_post=True, summary=disabled.get_kind_display().lower())
    elif recipient.obstacle:
        yield nobody_is_mailed(repository, names)
    if pause := Pause.objects.open().filter(repository=repository).first():
        until = f"{pause.ends_at:%H:%M} UTC"
        text = f"Mail is paused until {until}: there was too much of it. A digest will tell what was held back."
        yield Notice(text, reverse("notifications:mails", args=names), "Look at the mails", summary="paused")


def nobody_is_mailed(repository: Repository, names: list[str]) -> Notice:
    unconfirmed = address_to_confirm(repository.registrant) if repository.registrant.is_active else None
    text = f"Nobody is mailed about {repository.full_name}: "
    if unconfirmed is None:
        url = reverse("notifications:settings", args=names)
        return Notice(f"{text}there is no address.", url, "Give an address")
    url = reverse("notifications:ask-registrant", args=names)
    return Notice(f"{text}{unconfirmed.email} is not confirmed.", url, "Send a link", is_post=True)


def about_user(user: User) -> Iterator[Notice]:
    recipient = recipient_for(user)
    if disabled := recipient.disabled:
        url = reverse("notifications:ask-myself")
        yield Notice(came_back(disabled), url, AGAIN, is_post=True, summary=disabled.get_kind_display().lower())
    elif recipient.obstacle:
        yield unreachable(user)


def unreachable(user: User) -> Notice:
    unconfirmed = address_to_confirm(user)
    if unconfirmed is None:
        text = "Nothing can be mailed to you: your account has no address."
        return Notice(text, reverse("account_email"), "Give an address", summary="none")
    text = f"Nothing is mailed to you until {unconfirmed.email} is confirmed."
    return Notice(text, reverse("notifications:ask-myself"), "Send a link", is_post=True, summary="not confirmed")


def came_back(disabled: DisabledAddress) -> str:
    what = "came back" if disabled.kind == DisabledAddress.Kind.BOUNCED else "was reported as spam"
    return f"Mail to {disabled} {what}, so none is sent there any more."
