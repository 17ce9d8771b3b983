"""What this app tells the apps above it. How receivers behave: see `repositories.signals`."""

from django.dispatch import Signal

#: A build ended as `error`: every attempt was lost by a fault of ours, and there will be no other. Sent by
#: `Build.finish` with `send_robust`, inside the transaction that stores the build's end. Argument: `build`.
build_gave_up = Signal()
