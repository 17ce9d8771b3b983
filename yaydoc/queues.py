"""What wakes the workers, from QUEUE_URL."""

from urllib.parse import urlsplit

DATABASE_QUEUE = "database"


def queue_backend(url: str) -> str:
    """The engine behind Django's interface for tasks. Raises ValueError."""
    if url == DATABASE_QUEUE:
        return "django_tasks_db.DatabaseBackend"
    if urlsplit(url).scheme in {"redis", "rediss"}:
        return "django_tasks_rq.RQBackend"
    raise ValueError(f"{url!r} is neither 'database' nor redis://…")
