"""Whose fault it is that a build did not succeed."""


class BuildFailed(Exception):
    """The docs' own fault: shown to the owner as it is, counted, mailed. `hint` says what to do about it.

    `may_be_of_reuse`: a build that uses nothing that is kept may end otherwise.
    """

    def __init__(self, reason: str, hint: str = "", *, may_be_of_reuse: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.may_be_of_reuse = may_be_of_reuse


class RefMissing(BuildFailed):
    """The remote has no branch or tag of the version's name: unless it is the default one, it retires."""


class BuildError(Exception):
    """Our side's fault or the network's: tried again, and not counted."""


class DiskFull(BuildError):
    """Ended before it left others no room; the builder's disk, or what this build wrote, is to blame."""


class BuildCancelled(Exception):
    """Somebody, or a newer push, asked for the build to end."""


class FencedOut(Exception):
    """This attempt was given up on: stop, and write nothing more."""


class WorkerStopping(Exception):
    """This worker process is asked to end: its builds go back to the queue, for another."""
