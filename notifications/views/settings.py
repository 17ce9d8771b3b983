"""The tab Notifications of a repository's settings."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from notifications.forms import PreferencesForm
from notifications.mails.recipients import recipient_of
from notifications.models import Preferences
from notifications.views.confirmation import send_to_repository
from notifications.views.log import MAILS_AT_A_GLANCE, log_of
from repositories.lookup import changeable_or_404


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    form = PreferencesForm(request.POST or None, instance=Preferences.objects.of(repository))
    if form.is_valid():
        form.save()
        messages.success(request, "The settings are stored.")
        if form.has_another_address():
            send_to_repository(request, Preferences.objects.of(repository))
        return redirect("notifications:settings", repository.owner, repository.name)
    context = {
        **log_of(repository, None, size=MAILS_AT_A_GLANCE),
        "form": form,
        "recipient": recipient_of(repository),
        "preferences": Preferences.objects.of(repository),
    }
    return render(request, "notifications/settings.html", context)
