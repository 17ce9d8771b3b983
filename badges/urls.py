"""The address of the badge's page. The badge itself is answered before any address is looked up."""

from django.urls import path

from badges import pages

app_name = "badges"
urlpatterns = [path("<name:owner>/<name:name>/badge/", pages.badge_page, name="page")]
