"""The stations of a build, in order."""

from django.db.models import TextChoices


class Stage(TextChoices):
    CHECKOUT = "checkout"
    CONFIGURATION = "configuration"
    ENVIRONMENT = "environment"
    RENDER = "render"
    PUBLISH = "publish"
