"""The product's settings with what tests need changed: a scratch DATA_DIR, mail in memory, fast passwords."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="yaydoc-tests-"))
os.environ.setdefault("SECRET_KEY", "of the tests, and long enough for every check that looks at its length")

from yaydoc.settings import *  # noqa: F403
from yaydoc.settings import DATA_DIR, DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
Path(DATA_DIR, "static").mkdir(parents=True, exist_ok=True)  # whitenoise warns without it

# A file, so that threads and processes of a test see the same database.
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
