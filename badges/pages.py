"""The page on which a badge is chosen and its lines are copied; other pages show it as a dialog."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from badges.forms import BadgeForm
from badges.reading import read
from badges.snippets import snippets
from badges.wishes import wishes
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
    status = read(repository.slug, version=version.slug if version else "").status
    return render(
        request,
        "badges/page.html",
        {
            "repository": repository,
            "form": form,
            "snippets": lines,
            # Of this host: the policy for pictures allows no other.
            "preview": f"/{repository.full_name}.svg{form.query}",
            "says": wishes(form.query[1:]).content(status).text,
        },
    )
