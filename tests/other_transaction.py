"""Something that happens in another transaction, which waits for the one of the test.

Only PostgreSQL locks rows; SQLite lets one transaction write at a time, and gives the same results.
"""

import threading
import time
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def meanwhile(act):
    """`act` in another transaction, which waits for this one when the block is entered. Yields its results."""
    results, backends = [], []

    def run():
        connection.ensure_connection()
        backends.append(getattr(connection.connection, "info", None))
        try:
            with transaction.atomic():
                results.append(act())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive() and not (backends and waits_for_a_lock(backends[0])):
        time.sleep(0.01)
    yield results
    transaction.on_commit(thread.join)


def waits_for_a_lock(backend):
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE pid = %s AND NOT granted", [backend.backend_pid])
        return cursor.fetchone() is not None
