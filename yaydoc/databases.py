"""Settings of the database, from DATABASE_URL."""

from django.core.exceptions import ImproperlyConfigured

from yaydoc.environment import environment


def database(url: str) -> dict[str, object]:
    """Django's settings for `sqlite:///path` or `postgres://…`. Raises ImproperlyConfigured."""
    config: dict[str, object] = environment.db_url_config(url)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # Source: feasibility trials; the default mode loses to "database is locked" under contention.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
        # Closing the last connection copies the log back and deletes it: measured, 20 ms of a webhook's 35.
        config["CONN_MAX_AGE"] = 60
    elif config["ENGINE"] == "django.db.backends.postgresql":
        config["CONN_MAX_AGE"] = 60
        config["CONN_HEALTH_CHECKS"] = True
    else:
        raise ImproperlyConfigured("only sqlite:/// and postgres:// are supported")
    return config
