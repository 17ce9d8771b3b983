"""What this app tells the apps above it.

Receivers run inside the sender's transaction.
"""

from django.dispatch import Signal

#: A version is to be built from now on. Sent by `Version.objects.add`; a receiver that raises keeps it from being
#: added. Argument: `version`.
version_added = Signal()

#: A version is built no more: it was switched off, or retired. Sent inside the transaction that stores it,
#: after the version's row is locked and before the repository's is. Argument: `version`.
version_stopped = Signal()

#: The default version is of another branch from now on. Sent inside the transaction that stores it. Argument:
#: `repository`.
default_branch_changed = Signal()

#: Which versions a repository has, or which of them are listed, changed: one retired or came back, was hidden,
#: shown or removed. Sent inside the transaction that stores it. Argument: `repository_id`.
versions_changed = Signal()

#: A counted build (success or failed) of a version ended. Sent by `Version.record_result`, inside the
#: transaction that stores the build's end, once for every counted build, also when nothing changed; with
#: `send_robust`: a receiver that raises is logged and keeps neither the others nor the sender from their work,
#: because a fault in a mail must never lose the result of a build. So each does its writing in a savepoint of its
#: own (`transaction.atomic`).
#: Arguments: `repository`, `version`, `build` (a `CountedBuild`), `old_status` (the version's, before),
#: `new_status` (the build's), `is_first` (no build of this version was counted before), `is_stale` (a newer
#: build was counted before this one ended: the version's status stayed as it was).
build_result_recorded = Signal()

#: Somebody else is a repository's registrant now. What the one before had stored of their own, such as addresses,
#: is not the new one's: who keeps some of it lets go of it. Sent by the admin's form, inside its transaction.
#: Argument: `repository`.
registrant_changed = Signal()

#: What anybody may see of a repository's state (`public_state.PUBLIC_STATE`) was written by `save` or `update`,
#: perhaps with the value that it had. Sent inside the transaction, before its commit, with `send_robust`. Whoever
#: listens wants to hear Django's `pre_delete` of repositories too. No arguments.
public_state_changed = Signal()
