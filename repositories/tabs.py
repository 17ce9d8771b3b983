"""The tabs of a repository's settings; the apps above add theirs in `AppConfig.ready()`."""

from dataclasses import dataclass

from django.urls import reverse

from repositories.models import Repository


@dataclass(frozen=True)
class Tab:
    """`url_name` names a page that takes owner and name, for those who may change the repository."""

    label: str
    url_name: str

    def url_of(self, repository: Repository) -> str:
        return reverse(self.url_name, args=[repository.owner, repository.name])


_tabs = [Tab("General", "repositories:settings")]


def register(tab: Tab, *, place: int | None = None) -> None:
    """Show one more tab, after those that are there, or at a place among them. The same one twice is one."""
    if tab not in _tabs:
        _tabs.insert(len(_tabs) if place is None else place, tab)


def tabs_of(repository: Repository) -> list[tuple[Tab, str]]:
    """Each tab with its address."""
    return [(tab, tab.url_of(repository)) for tab in _tabs]
