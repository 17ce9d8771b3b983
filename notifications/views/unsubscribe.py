"""One click turns the mail of a repository off, without signing in; another turns it on again."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications.mails.links import repository_of_token
from repositories.models import Repository


@csrf_exempt  # a mail program posts here without a cookie (RFC 8058); the token is the permission
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A GET changes nothing: scanners follow the links of every mail. A POST does what its body says."""
    repository = repository_of_token(token)
    if repository is None:
        raise Http404("This link to turn off mail is not of ours, or not valid any more.")
    if request.method == "POST":
        wish = request.POST.get("List-Unsubscribe")
        if wish not in {"One-Click", "Undo"}:
            return HttpResponseBadRequest(
                "The body must be List-Unsubscribe=One-Click.", content_type="text/plain"
            )
        repository.mail_service = wish == "Undo"
        repository.save(update_fields=["mail_service"])
    return page(request, repository)


def page(request: HttpRequest, repository: Repository) -> HttpResponse:
    response = render(
        request,
        "notifications/unsubscribe.html",
        {"full_name": repository.full_name, "mail_service": repository.mail_service, "path": request.path},
    )
    response["X-Robots-Tag"] = "noindex"
    return response
