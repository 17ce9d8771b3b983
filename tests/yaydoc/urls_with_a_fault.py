"""An address that always fails."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def fault(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("out of order")


urlpatterns = [path("fault", fault)]
