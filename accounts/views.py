"""The user settings page."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.forms import MailForm, ProfileForm
from repositories import notices
from repositories.models import Repository
from repositories.registrants import confirmed_address_of

PAGE_SIZE = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Profile, and one list of all the user's repositories with their mail toggles.

    Two forms post here; the button's name says which.
    """
    user = cast(User, request.user)
    mine = Repository.objects.registered_by(user).defer("webhook_secret")
    page: Page[Repository] = Paginator(mine, PAGE_SIZE).get_page(request.GET.get("page"))
    listed = Repository.objects.registered_by(user).filter(pk__in=[one.pk for one in page])
    saves_mail = "save_mail" in request.POST
    mail = MailForm(request.POST if saves_mail else None, listed=listed)
    profile = ProfileForm(request.POST if request.method == "POST" and not saves_mail else None, instance=user)
    for form in (mail, profile):
        if form.is_valid():
            form.save()
            messages.success(request, "Your settings are stored.")
            return redirect(request.get_full_path())
    return render(
        request,
        "accounts/settings.html",
        {
            "page": page,
            "mail": mail,
            "profile": profile,
            "address": confirmed_address_of(user),
            "notices": notices.of_user(user),
        },
    )
