"""What this app does when builds end, when addresses are confirmed, and when mail comes back.

Each receiver of a build's end has a savepoint of its own, see `repositories.signals`.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from anymail.signals import AnymailTrackingEvent, tracking
from django.db import transaction
from django.dispatch import receiver

from builds.models import Build, State
from builds.signals import build_ended, build_started
from notifications.hooks import writing as hook_writing
from notifications.hooks.payloads import StatusChange
from notifications.mails import bounces, writing
from notifications.models import DisabledAddress, Hook, Preferences
from notifications.statuses import writing as status_writing
from repositories.models import BuildStatus, Repository, Version
from repositories.signals import build_result_recorded, registrant_changed


@receiver(build_result_recorded, dispatch_uid="mail of a result")
def mail_result(
    *, version: Version, build: Build, old_status: BuildStatus, is_stale: bool, **arguments: Any
) -> None:
    with transaction.atomic():
        writing.record_result(version, build, previous=old_status, is_stale=is_stale)


@receiver(build_ended, dispatch_uid="mail of our side")
def mail_fault_of_ours(*, build: Build, **arguments: Any) -> None:
    if build.state != State.ERROR:
        return
    with transaction.atomic():
        writing.record_fault_of_ours(build)


@receiver(build_started, dispatch_uid="hooks of a start")
def tell_hooks_of_start(*, build: Build, **arguments: Any) -> None:
    with transaction.atomic():
        hook_writing.record_start(build)


@receiver(build_result_recorded, dispatch_uid="hooks of a result")
def tell_hooks_of_result(
    *, build: Build, old_status: BuildStatus, new_status: BuildStatus, is_stale: bool, **arguments: Any
) -> None:
    with transaction.atomic():
        hook_writing.record_end(build, StatusChange(old_status, old_status if is_stale else new_status))


@receiver(build_ended, dispatch_uid="hooks of an end without a result")
def tell_hooks_of_end(*, build: Build, **arguments: Any) -> None:
    if build.is_counted:
        return  # `tell_hooks_of_result` knows more
    with transaction.atomic():
        hook_writing.record_end(build)


@receiver(build_started, dispatch_uid="commit status of a start")
def say_that_it_runs(*, build: Build, **arguments: Any) -> None:
    with transaction.atomic():
        status_writing.record_start(build)


@receiver(build_ended, dispatch_uid="commit status of an end")
def say_how_it_ended(*, build: Build, **arguments: Any) -> None:
    with transaction.atomic():
        status_writing.record_end(build)


@receiver(registrant_changed, dispatch_uid="whom the last registrant had told")
def tell_nobody_of_the_last_registrants(*, repository: Repository, **arguments: Any) -> None:
    Preferences.objects.filter(repository=repository).update(mail_to="", mail_to_confirmed_at=None)
    for hook in Hook.objects.filter(repository=repository):
        hook.turn_off("The repository has another registrant: turn it on again if its receiver is still yours.")


@receiver(email_confirmed, dispatch_uid="address of an account confirmed")
def enable_address(*, email_address: EmailAddress, **arguments: Any) -> None:
    DisabledAddress.objects.enable(email_address.email)


@receiver(tracking, dispatch_uid="news of a mail from the provider")
def take_news_of_mail(*, event: AnymailTrackingEvent, esp_name: str, **arguments: Any) -> None:
    bounces.take(event, esp_name)
