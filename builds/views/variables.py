"""The environment variables under the tab Builds of a repository's settings."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from builds.views.settings import render_build_settings, to_build_settings
from repositories.lookup import changeable_or_404
from repositories.models import EnvironmentVariable
from repositories.variables import VariableForm


@login_required
@require_POST
def store_variable(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    form = VariableForm(request.POST, repository=repository)
    if not form.is_valid():
        return render_build_settings(request, repository, variable_form=form)
    variable = form.save()
    return to_build_settings(request, repository, f"{variable.name} is stored; the next build has it.")


@login_required
@require_POST
def remove_variable(request: HttpRequest, owner: str, name: str, variable: int) -> HttpResponse:
    repository = changeable_or_404(request.user, owner, name)
    found = get_object_or_404(EnvironmentVariable, pk=variable, repository=repository)
    found.delete()
    return to_build_settings(request, repository, f"{found.name} is removed.")
