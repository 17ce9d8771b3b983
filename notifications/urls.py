"""Addresses of the settings of notifications, and those that mails link to."""

from django.urls import path

from notifications.views import confirmation
from notifications.views.settings import settings
from notifications.views.unsubscribe import unsubscribe

app_name = "notifications"
urlpatterns = [
    path("unsubscribe/<str:token>/", unsubscribe, name="unsubscribe"),
    path("mail/confirm/<str:token>/", confirmation.confirm_address, name="confirm-address"),
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
]
