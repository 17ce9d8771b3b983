"""The tab Notifications of a repository's settings."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from notifications.forms import PreferencesForm
from notifications.models import Preferences
from repositories.lookup import changeable_or_404


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    form = PreferencesForm(request.POST or None, instance=Preferences.objects.of(repository))
    if form.is_valid():
        form.save()
        messages.success(request, "The settings are stored.")
        return redirect("notifications:settings", repository.owner, repository.name)
    return render(request, "notifications/settings.html", {"repository": repository, "form": form})
