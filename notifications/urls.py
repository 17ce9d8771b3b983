"""The addresses under /unsubscribe/."""

from django.urls import path

from notifications.views.unsubscribe import unsubscribe

urlpatterns = [
    path("<str:token>/", unsubscribe, name="unsubscribe"),
]
