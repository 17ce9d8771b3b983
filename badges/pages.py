"""The page on which a badge is chosen and its lines are copied; other pages show it as a dialog."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from badges.forms import BadgeForm
from badges.snippets import snippets
from repositories.lookup import visible_or_404

ALTERNATIVE = "Documentation status"


@require_safe
def badge_page(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = visible_or_404(request.user, owner, name)
    if repository.is_private or not repository.is_enabled:
        return render(request, "badges/page.html", {"repository": repository})
    form = BadgeForm(request.GET, versions=repository.versions.listed())
    version = form.chosen_version
    lines = snippets(
        picture=repository.badge_url + form.query,
        target=version.docs_url if version else repository.docs_url,
        alternative=f"{ALTERNATIVE} of {version.slug}" if version else ALTERNATIVE,
    )
    # The picture's own address, of this host: strict browsers refuse others' pictures.
    preview = f"/{repository.full_name}.svg{form.query}"
    return render(
        request,
        "badges/page.html",
        {"repository": repository, "form": form, "snippets": lines, "preview": preview},
    )
