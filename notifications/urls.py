"""The addresses under /unsubscribe/."""

from django.urls import path

from notifications import views

urlpatterns = [
    path("<str:token>/", views.unsubscribe, name="unsubscribe"),
]
