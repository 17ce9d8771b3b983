"""Addresses of builds and of what asks for them."""

from django.urls import path

from builds.views.webhook import webhook

urlpatterns = [
    path("webhooks/<uuid:webhook_id>/", webhook, name="webhook"),
    path("webhooks/<uuid:webhook_id>", webhook),  # a redirect would lose the body
]
