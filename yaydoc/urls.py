"""The site's addresses; the apps' own are in their `urls.py`."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("unsubscribe/", include("notifications.urls")),
    path("", include("builds.urls")),
]
