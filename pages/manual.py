"""The way to the manual: its published pages, else its text, as this checkout has both."""

from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pages.models import Publication

INDEX = "index"


@never_cache
@require_safe
def manual(request: HttpRequest, page: str = INDEX) -> HttpResponse:
    """`page` is the name of a file in docs/, without its ending."""
    files = {file.stem: file for file in sorted((settings.BASE_DIR / "docs").glob("*.md"))}
    if page not in files:
        raise Http404
    start = published_manual()
    if start:
        return HttpResponseRedirect(start if page == INDEX else f"{start}{page}.html")
    texts = {name: file.read_text() for name, file in files.items()}
    titles = [(name, title_of(text)) for name, text in texts.items()]
    titles.sort(key=lambda entry: (entry[0] != INDEX, entry[1]))
    return render(
        request,
        "pages/manual.html",
        {
            "page": page,
            "title": title_of(texts[page]),
            "text": texts[page],
            "titles": titles,
            "checkout": settings.BASE_DIR if (settings.BASE_DIR / ".git").exists() else None,
        },
    )


def published_manual() -> str | None:
    """Its address, where this checkout's own documentation is registered and built.

    What it was cloned from decides, not its name, which anybody may have taken.
    """
    own = f"file://{quote(str(Path(settings.BASE_DIR)))}"
    published = Publication.objects.filter(
        version__is_default=True, version__repository__clone_url=own, version__repository__is_private=False
    )
    first = published.select_related("version__repository").order_by("pk").first()
    return first.version.docs_url if first else None


def title_of(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")
