"""Delivery: one webhook request that was accepted."""

from django.db import models

from builds.models.build import Build
from repositories.models import Repository


class Delivery(models.Model):
    """One webhook request whose signature was right, and what came of it."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="deliveries")
    delivery_id = models.CharField(max_length=100)  # as the forge names it, or a digest of the body
    event = models.CharField(max_length=100)
    outcome = models.CharField(max_length=255)
    build = models.ForeignKey(Build, models.SET_NULL, null=True, blank=True, related_name="deliveries")
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["repository", "delivery_id"], name="delivery_is_taken_once")
        ]

    def __str__(self) -> str:
        return f"{self.event}: {self.outcome}"
