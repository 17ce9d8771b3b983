"""Addresses of the settings of notifications, and those that mails link to."""

from django.urls import path

from notifications.views.settings import settings
from notifications.views.unsubscribe import unsubscribe

app_name = "notifications"
urlpatterns = [
    path("unsubscribe/<str:token>/", unsubscribe, name="unsubscribe"),
    path("<name:owner>/<name:name>/settings/notifications/", settings, name="settings"),
]
