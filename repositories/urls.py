"""Addresses of registering and of a repository's settings."""

from django.urls import path

from repositories import views

app_name = "repositories"
urlpatterns = [
    path("register/", views.register, name="register"),
    path("<name:owner>/<name:name>/registered/", views.registered, name="registered"),
    path("<name:owner>/<name:name>/settings/", views.settings, name="settings"),
    path("<name:owner>/<name:name>/settings/secret/", views.renew_secret, name="renew-secret"),
    path("<name:owner>/<name:name>/settings/delete/", views.delete, name="delete"),
]
