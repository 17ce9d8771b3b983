"""Addresses of the application that concern releases; the pages themselves are served by `pages.wsgi`."""

from django.urls import path

from pages import views
from pages.manual import manual

app_name = "pages"
urlpatterns = [
    path("manual/", manual, name="manual"),
    path("manual/<slug:page>/", manual, name="manual-page"),
    path("<name:owner>/<name:name>/releases/<int:release_id>/serve/", views.roll_back, name="roll_back"),
    path("<name:owner>/<name:name>/releases/<int:release_id>/pin/", views.pin, name="pin"),
    path("<name:owner>/<name:name>/releases/<int:release_id>/unpin/", views.unpin, name="unpin"),
]
