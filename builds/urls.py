"""Addresses of the dashboard, of a repository, of its builds, and of what asks for them."""

from django.urls import path

from builds.views import build, dashboard, feeds, log, pull_requests, repository, settings, variables, versions
from builds.views.webhook import webhook

app_name = "builds"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("webhooks/<uuid:webhook_id>/", webhook, name="webhook"),
    path("webhooks/<uuid:webhook_id>", webhook),  # a redirect would lose the body
    path("settings/feed/", feeds.feed_settings, name="feed-settings"),
    path("settings/feed/renew/", feeds.renew_feed, name="renew-feed"),
    path("settings/feed/<str:token>.atom", feeds.my_feed, name="my-feed"),
    path("<name:owner>/<name:name>/", repository.repository_page, name="repository"),
    path("<name:owner>/<name:name>/builds.atom", feeds.repository_feed, name="feed"),
    path("<name:owner>/<name:name>/build/", repository.build_now, name="build-now"),
    path("<name:owner>/<name:name>/resume/", repository.resume, name="resume"),
    path("<name:owner>/<name:name>/follow-branch/", repository.follow_branch, name="follow-branch"),
    path(
        "<name:owner>/<name:name>/pull-requests/<int:number>/approve/",
        pull_requests.approve,
        name="approve",
    ),
    path("<name:owner>/<name:name>/settings/builds/", settings.build_settings, name="settings"),
    path(
        "<name:owner>/<name:name>/settings/builds/automation/", settings.store_automation, name="store-automation"
    ),
    path("<name:owner>/<name:name>/settings/builds/limits/", settings.store_limits, name="store-limits"),
    path("<name:owner>/<name:name>/settings/builds/variables/", variables.store_variable, name="store-variable"),
    path(
        "<name:owner>/<name:name>/settings/builds/variables/<int:variable>/remove/",
        variables.remove_variable,
        name="remove-variable",
    ),
    path("<name:owner>/<name:name>/settings/versions/", versions.version_settings, name="versions"),
    path("<name:owner>/<name:name>/settings/versions/add/", versions.add_version, name="add-version"),
    path(
        "<name:owner>/<name:name>/settings/versions/<int:version_id>/",
        versions.change_version,
        name="change-version",
    ),
    path("<name:owner>/<name:name>/builds/<int:number>/", build.build_page, name="build"),
    path("<name:owner>/<name:name>/builds/<int:number>/cancel/", build.cancel, name="cancel"),
    path("<name:owner>/<name:name>/builds/<int:number>/again/", build.again, name="again"),
    path("<name:owner>/<name:name>/builds/<int:number>/log", log.log, name="log"),
]
