"""FeedKey: by which the address of a user's own feed can be told from a guessed one, and from an earlier one."""

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.db import models
from django.db.models import F
from django.urls import reverse

SALT = "builds.feed"


class FeedKeyManager(models.Manager["FeedKey"]):
    def of(self, user: User) -> "FeedKey":
        """That of one user; until it is renewed for the first time, one that is not stored."""
        return self.filter(user=user).first() or FeedKey(user=user)

    def of_token(self, token: str) -> "FeedKey | None":
        """The one whose `token` this is. None: it is not ours, not the newest, or its user may not sign in."""
        try:
            user_id, renewals = map(int, signing.Signer(salt=SALT).unsign(token).split("."))
        except (signing.BadSignature, ValueError):
            return None
        user = User.objects.filter(pk=user_id, is_active=True).first()
        key = self.of(user) if user else None
        return key if key and key.renewals == renewals else None


class FeedKey(models.Model):
    """How often a user renewed it. The token is a signature, so who reads the database alone can't make one."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="feed_key")
    renewals = models.PositiveIntegerField(default=0)

    objects = FeedKeyManager()

    class Meta:
        verbose_name = "key of a feed"
        verbose_name_plural = "keys of feeds"

    def __str__(self) -> str:
        return f"Feed of {self.user}"

    @property
    def token(self) -> str:
        return signing.Signer(salt=SALT).sign(f"{self.user_id}.{self.renewals}")

    @property
    def url(self) -> str:
        return f"{settings.SITE_URL}{reverse('builds:my-feed', args=[self.token])}"

    def renew(self) -> None:
        """Earlier addresses stop working."""
        FeedKey.objects.get_or_create(user=self.user)
        FeedKey.objects.filter(user=self.user).update(renewals=F("renewals") + 1)
