"""Addresses of the settings of notifications, and those that mails link to."""

from django.urls import path

from notifications.views import confirmation, hooks, log, statuses
from notifications.views.integrations import integrations
from notifications.views.preview import preview, preview_html, previews
from notifications.views.settings import settings
from notifications.views.unsubscribe import unsubscribe

INTEGRATIONS = "<name:owner>/<name:name>/settings/integrations/"
HOOK = f"{INTEGRATIONS}hooks/<int:hook>/"
MAILS = "<name:owner>/<name:name>/settings/notifications/mails/"

app_name = "notifications"
urlpatterns = [
    path("unsubscribe/<str:token>/", unsubscribe, name="unsubscribe"),
    path("mail/confirm/<str:token>/", confirmation.confirm_address, name="confirm-address"),
    path("mail/", previews, name="previews"),  # with DEBUG only
    path("mail/<slug:kind>/", preview, name="preview"),
    path("mail/<slug:kind>/html/", preview_html, name="preview-html"),
    path("settings/confirm/", confirmation.ask_myself, name="ask-myself"),
    path("<name:owner>/<name:name>/settings/notifications/", settings, name="settings"),
    path(
        "<name:owner>/<name:name>/settings/notifications/confirm/",
        confirmation.ask_repository,
        name="ask-repository",
    ),
    path(
        "<name:owner>/<name:name>/settings/notifications/confirm-registrant/",
        confirmation.ask_registrant,
        name="ask-registrant",
    ),
    path(INTEGRATIONS, integrations, name="integrations"),
    path(f"{INTEGRATIONS}token/", statuses.store_token, name="store-token"),
    path(f"{INTEGRATIONS}token/remove/", statuses.remove_token, name="remove-token"),
    path(f"{INTEGRATIONS}hooks/", hooks.add_hook, name="add-hook"),
    path(HOOK, hooks.hook, name="hook"),
    path(f"{HOOK}secret/", hooks.renew_secret, name="renew-hook-secret"),
    path(f"{HOOK}test/", hooks.send_test, name="test-hook"),
    path(f"{HOOK}calls/<int:call>/", hooks.send_again, name="send-call-again"),
    path(f"{HOOK}remove/", hooks.remove_hook, name="remove-hook"),
    path(MAILS, log.mails, name="mails"),
    path(f"{MAILS}test/", log.send_test, name="send-test"),
    path(f"{MAILS}<int:mail_id>/again/", log.send_again, name="send-mail-again"),
    path(f"{MAILS}<int:mail_id>/cancel/", log.cancel, name="cancel-mail"),
]
