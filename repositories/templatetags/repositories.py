"""What pages of a repository share: the tabs of its settings, and the notices about it."""

from typing import Any

from django import template
from django.template.context import RequestContext

from repositories import notices, tabs
from repositories.models import Repository

register = template.Library()


@register.inclusion_tag("repositories/tabs.html", takes_context=True)
def settings_tabs(context: RequestContext, repository: Repository) -> dict[str, Any]:
    """The deepest tab that the page lies under is the current one: every page lies under the first."""
    path: str = context["request"].path
    addresses = tabs.tabs_of(repository)
    current = max((url for _, url in addresses if path.startswith(url)), key=len, default="")
    return {"tabs": addresses, "current": current}


@register.inclusion_tag("repositories/notices.html")
def notices_of_repository(repository: Repository) -> dict[str, Any]:
    return {"notices": notices.of_repository(repository)}


@register.inclusion_tag("repositories/notices.html", takes_context=True)
def notices_of_user(context: RequestContext) -> dict[str, Any]:
    return {"notices": notices.of_user(context["request"].user)}
