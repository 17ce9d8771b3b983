"""What this app tells the apps above it. How receivers behave: see `repositories.signals`."""

from django.dispatch import Signal

#: An attempt at a build runs, and its commit is known: from its start, or since its checkout. Sent by
#: `Build.claim` or `Build.learn_commit` with `send_robust`, inside the transaction that stores it, once for each
#: attempt and commit. Argument: `build`.
build_started = Signal()

#: A build ended, as whatever (`build.state`), and there will be no other attempt. Sent by `Build.finish` with
#: `send_robust`, inside the transaction that stores the build's end. Argument: `build`.
build_ended = Signal()
