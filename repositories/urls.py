"""Addresses of registering and of a repository's settings."""

from django.urls import path

from repositories import views

app_name = "repositories"
urlpatterns = [
    path("register/", views.register, name="register"),
    path("<owner:owner>/<repository:name>/registered/", views.registered, name="registered"),
    path("<owner:owner>/<repository:name>/settings/", views.settings, name="settings"),
    path("<owner:owner>/<repository:name>/settings/secret/", views.renew_secret, name="renew-secret"),
    path("<owner:owner>/<repository:name>/settings/delete/", views.delete, name="delete"),
]
