"""Taking a version away, with its pages."""

from builds.models import Build
from builds.tracking import wants
from pages import retention
from pages.models import Publication
from repositories.models import Version


def remove(version: Version) -> bool:
    """Remove a version with its pages, builds and logs. False: it stays as a row that is switched off.

    That is so where the rule would bring it back at the next look, and for the default version, whose pages alone
    go. Whoever reads its pages at this moment reads on; the next request is a 404.
    """
    Build.objects.cancel_all_of(version)
    stays = version.is_default or (
        not version.retired_at and wants(version.repository, version.kind, version.name)
    )
    if not stays:
        return version.remove()
    version.switch_off()
    Publication.objects.withdraw(version)
    for release in version.releases.all():
        retention.remove(release)
    return False
