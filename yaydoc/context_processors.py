"""What every page may need to know of the settings."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, bool]:
    return {"signup_is_open": settings.SIGNUP_OPEN, "github_sign_in": bool(settings.GITHUB_CLIENT_ID)}
