"""Tells whoever keeps what anybody may see of a repository's state that it is changing."""

from typing import Any, Generic, TypeVar

from django.db import models, transaction

from repositories import signals

M = TypeVar("M", bound=models.Model)

PUBLIC_STATE = frozenset({"slug", "build_status", "status_changed_at", "is_private", "is_enabled"})


class AnnouncingQuerySet(models.QuerySet[M], Generic[M]):
    def update(self, **fields: Any) -> int:
        if PUBLIC_STATE.isdisjoint(fields):
            return super().update(**fields)
        with transaction.atomic(savepoint=False):
            count = super().update(**fields)
            signals.public_state_changed.send_robust(sender=self.model)
        return count


class AnnouncingModel(models.Model):
    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Any = None, **kwargs: Any) -> None:
        if update_fields is not None and PUBLIC_STATE.isdisjoint(update_fields):
            super().save(*args, update_fields=update_fields, **kwargs)
            return
        with transaction.atomic(savepoint=False):
            super().save(*args, update_fields=update_fields, **kwargs)
            signals.public_state_changed.send_robust(sender=type(self))
