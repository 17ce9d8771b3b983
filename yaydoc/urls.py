"""The site's addresses; the apps' own are in their `urls.py`."""

from allauth.account.decorators import secure_admin_login
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import import_string

from yaydoc import views

# The admin's own form would let anyone guess passwords without the limits of allauth's.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

# Without its two variables GitHub is no way in, and its addresses would only lead to a fault.
SIGN_IN = "allauth.urls" if settings.GITHUB_CLIENT_ID else "allauth.account.urls"

# Apps with addresses of their own, and what those start with. `builds` is last: its `/<owner>/<name>/` fits much.
APPS = {"notifications": "", "accounts": "", "repositories": "", "pages": "", "badges": "", "builds": ""}


def tracking_urls(provider: str, secrets: list[str]) -> list[URLPattern | URLResolver]:
    """`/mail/<provider>/tracking/`, where the mail provider tells what became of a mail, if it knows a secret.

    Of the provider in use only, and none of anymail's addresses for mail that comes in.
    """
    if not provider or not secrets:
        return []
    patterns: list[URLPattern] = import_string("anymail.urls.urlpatterns")
    return [path("mail/", include([url for url in patterns if url.name == f"{provider}_tracking_webhook"]))]


urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("accounts/", include(SIGN_IN)),
    *tracking_urls(settings.ANYMAIL_PROVIDER, settings.ANYMAIL_WEBHOOK_SECRET),
    *[path(start, include(f"{app}.urls")) for app, start in APPS.items() if apps.is_installed(app)],
]
