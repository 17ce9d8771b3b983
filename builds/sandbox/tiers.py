"""The kinds of sandbox."""

import shutil

from django.db.models import TextChoices

from builds.sandbox import landlock, seccomp


class Tier(TextChoices):
    BUBBLEWRAP = "bubblewrap", "bubblewrap"
    LANDLOCK = "landlock", "Landlock and seccomp"
    NONE = "none", "no sandbox"

    @property
    def is_there(self) -> bool:
        """Whether it is worth a try: only a try tells whether it works."""
        if self == Tier.BUBBLEWRAP:
            return bool(bubblewrap_program()) and seccomp.is_supported()
        return self == Tier.NONE or (landlock.abi() > 0 and seccomp.is_supported())

    @property
    def hides_parents(self) -> bool:
        """Whether paths are bound in, so that the build user needs no way through the directories above."""
        return self == Tier.BUBBLEWRAP


def bubblewrap_program() -> str:
    return shutil.which("bwrap", path="/usr/local/bin:/usr/bin:/bin") or ""
