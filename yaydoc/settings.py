"""All settings, from environment variables; `.env.example` documents each."""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from yaydoc.databases import database
from yaydoc.environment import boolean, environment, kept_secret, one_of, origin, positive, read, words
from yaydoc.mail import mail_provider, mail_server, sender, webhook_secrets
from yaydoc.queues import DATABASE_QUEUE, queue_backend

# -- core

BASE_DIR = Path(__file__).resolve().parent.parent
environment.read_env(BASE_DIR / ".env")

DEBUG = read("DEBUG", False, boolean)
PORT = read("PORT", 8000, positive)
DATA_DIR = read("DATA_DIR", BASE_DIR / "var", Path).resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # database, sessions and mails are in it
SECRET_KEY = read("SECRET_KEY", "", str) or kept_secret(DATA_DIR / "secret_key")
SECRET_KEY_FALLBACKS = read("SECRET_KEY_FALLBACKS", list[str](), words)
SALT_KEY = "yaydoc"  # of the fields that are encrypted under SECRET_KEY

SITE_URL = read("SITE_URL", f"http://localhost:{PORT}", origin)
DOCS_URL = read("DOCS_URL", f"http://docs.localhost:{PORT}", origin)
SITE_HOST = urlsplit(SITE_URL).netloc
DOCS_HOST = urlsplit(DOCS_URL).netloc
HTTPS = SITE_URL.startswith("https://")

ALLOWED_HOSTS = [str(urlsplit(SITE_URL).hostname), *read("ALLOWED_HOSTS", list[str](), words)]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
BEHIND_HTTPS_PROXY = read("BEHIND_HTTPS_PROXY", HTTPS, boolean)
if BEHIND_HTTPS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Attempts to sign in are limited per address: by the proxy's, one guesser would lock out everybody.
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_HTTPS_PROXY)

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "yaydoc.urls"
WSGI_APPLICATION = "yaydoc.wsgi.application"
FORCE_SCRIPT_NAME = ""  # SITE_URL has no path; Django would work this out twice for each request

# -- apps

INSTALLED_APPS = [
    "yaydoc",
    "accounts",
    "notifications",
    "badges",
    "builds",
    "pages",
    "repositories",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "anymail",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
]

# -- middleware

MIDDLEWARE = [
    "badges.middleware.BadgeMiddleware",  # first: a badge needs none of the others
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "compression_middleware.middleware.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "yaydoc.middleware.NoNulMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *(["https://github.com"] if read("GITHUB_CLIENT_ID", "", str) else [])],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "yaydoc_session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "yaydoc_csrf"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "yaydoc.context_processors.site",
            ]
        },
    }
]

# -- database

DATABASES = {"default": read("DATABASE_URL", database(f"sqlite:///{DATA_DIR / 'db.sqlite3'}"), database)}

# Where the database is SQLite, all processes are on one machine, which is what the shortcut is right for.
BADGE_SHORTCUT = read(
    "BADGE_SHORTCUT", not DEBUG and str(DATABASES["default"]["ENGINE"]).endswith("sqlite3"), boolean
)

# -- cache (attempts to sign in are counted here, so every process must see the same)

CACHES = {
    "default": read(
        "CACHE_URL",
        environment.cache_url_config(f"filecache://{DATA_DIR / 'cache'}"),
        environment.cache_url_config,
    )
}

# -- static

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# -- mail

DEFAULT_FROM_EMAIL = SERVER_EMAIL = read(
    "DEFAULT_FROM_EMAIL", f"Yaydoc <yaydoc@{urlsplit(SITE_URL).hostname}>", sender
)
EMAIL_TIMEOUT = 20  # seconds
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
globals().update(read("EMAIL_URL", dict[str, object](), mail_server))
# `ANYMAIL_PROVIDER=mailgun` and the variables that anymail documents for it, such as MAILGUN_API_KEY
globals().update(
    read("ANYMAIL_PROVIDER", dict[str, object](), lambda name: mail_provider(name, environment.ENVIRON))
)
ANYMAIL_PROVIDER = read("ANYMAIL_PROVIDER", "", str.lower)
# What the provider must send when it tells that mail came back; anymail reads this name.
ANYMAIL_WEBHOOK_SECRET = read("ANYMAIL_WEBHOOK_SECRET", list[str](), webhook_secrets)

# -- sign-in

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SIGNUP_OPEN = read("SIGNUP_OPEN", True, boolean)
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {
    "login": "accounts.entrance.LoginForm",
    "signup": "accounts.entrance.SignupForm",
    "reset_password": "accounts.entrance.ResetPasswordForm",
    "reset_password_from_key": "accounts.entrance.ResetPasswordKeyForm",
    "change_password": "accounts.entrance.ChangePasswordForm",
    "set_password": "accounts.entrance.SetPasswordForm",
    "add_email": "accounts.entrance.AddEmailForm",
}
# Besides allauth's own: links to one address, which may be a stranger's.
ACCOUNT_RATE_LIMITS = {"confirm_email": "1/3m/key,5/d/key"}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
GITHUB_CLIENT_ID = read("GITHUB_CLIENT_ID", "", str)
SOCIALACCOUNT_PROVIDERS = {
    "github": {
        "SCOPE": ["read:user", "user:email"],
        "VERIFIED_EMAIL": True,
        "APPS": [{"client_id": GITHUB_CLIENT_ID, "secret": read("GITHUB_CLIENT_SECRET", "", str), "key": ""}]
        if GITHUB_CLIENT_ID
        else [],
    }
}

# -- tasks

# The queues besides that of builds, and how many threads of a worker each has. A receiver of webhooks that hangs
# holds up other webhooks for some seconds, and no mail; so does a git host that hangs, with looks.
SENDERS = {"mails": 1, "statuses": 1, "hooks": 2, "looks": 2}
QUEUES = ["builds", *SENDERS]
QUEUE_URL = read("QUEUE_URL", DATABASE_QUEUE, str)
TASKS = {"default": {"BACKEND": read("QUEUE_URL", queue_backend(DATABASE_QUEUE), queue_backend), "QUEUES": QUEUES}}
if QUEUE_URL != DATABASE_QUEUE:
    INSTALLED_APPS += ["django_rq", "django_tasks_rq"]
    RQ = {"JOB_CLASS": "django_tasks_rq.Job"}
    # No time limit of RQ's (180 s by default): a build has its own, and a mail the server's.
    RQ_QUEUES = {name: {"URL": QUEUE_URL, "DEFAULT_TIMEOUT": -1} for name in QUEUES}

# What a worker calls when it starts and when it is asked to end.
WORKER_START = ["builds.sweeper.wake_all", "builds.retention.sweep"]
WORKER_STOP = ["builds.heartbeat.stop_builds"]

# What the clock process calls, and how often (seconds).
CLOCK = {
    "builds.sweeper.sweep": 2,
    "builds.schedules.sweep": 20,
    "builds.watching.sweep": 15,
    "notifications.outbox.sweep": 5,
    "notifications.mails.pauses.sweep": 10,
    "pages.retention.sweep": 3600,
    "builds.retention.sweep": 3600,
    "notifications.retention.sweep": 3600,
    "accounts.retention.sweep": 3600,
    "yaydoc.done_tasks.sweep": 3600,
}

# -- builds

CLONE_PROTOCOLS = read("CLONE_PROTOCOLS", ["https"], words)
CLONE_HOSTS = read("CLONE_HOSTS", ["public"], words)
WATCH = read("WATCH", True, boolean)  # look at remotes for what no webhook tells of
PACKAGE_INDEX_HOSTS = read("PACKAGE_INDEX_HOSTS", ["pypi.org", "files.pythonhosted.org"], words)
RENDER_NETWORK = read("RENDER_NETWORK", True, boolean)
SYSTEM_PACKAGES: list[str] = read("SYSTEM_PACKAGES", [], words)  # the system's packages that builds can count on
BUILD_DIR = read("BUILD_DIR", None, Path)  # where strangers' code runs; default: see builds.sandbox
BUILD_USER_ID = read("BUILD_USER_ID", 64123, positive)  # whom a root worker becomes before a build starts
BUILD_CONCURRENCY = read("BUILD_CONCURRENCY", 2, positive)  # builds at a time in one worker process
BUILD_TIMEOUT = read("BUILD_TIMEOUT", 900, positive)  # seconds, of a whole build
BUILD_MEMORY = read("BUILD_MEMORY", 3072, positive)  # MiB, of all processes of a build
# What a repository's own settings may raise the two above to; never less than these.
BUILD_TIMEOUT_MOST = max(BUILD_TIMEOUT, read("BUILD_TIMEOUT_MOST", BUILD_TIMEOUT, positive))
BUILD_MEMORY_MOST = max(BUILD_MEMORY, read("BUILD_MEMORY_MOST", BUILD_MEMORY, positive))
BUILD_PROCESSES = read("BUILD_PROCESSES", 256, positive)
BUILD_FILE_SIZE = read("BUILD_FILE_SIZE", 512, positive)  # MiB, of one file
BUILD_OUTPUT_SIZE = read("BUILD_OUTPUT_SIZE", 1024, positive)  # MiB, of the published pages
BUILD_OUTPUT_FILES = read("BUILD_OUTPUT_FILES", 50_000, positive)
BUILD_FREE_DISK = read("BUILD_FREE_DISK", 2048, positive)  # MiB, that builds must leave free where they write
ENVIRONMENTS_SIZE = read("ENVIRONMENTS_SIZE", 10_240, positive)  # MiB, of environments and caches that are kept
BUILD_LOG_SIZE = read("BUILD_LOG_SIZE", 10, positive)  # MiB
SANDBOX = read("SANDBOX", "auto", one_of("auto", "bubblewrap", "landlock"))
DANGEROUSLY_BUILD_WITHOUT_SANDBOX = read("DANGEROUSLY_BUILD_WITHOUT_SANDBOX", False, boolean)

# -- logging

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": read("LOG_LEVEL", "INFO", str.upper)},
    "loggers": {
        # The queue's own lines say less than those of builds and mails.
        **{name: {"level": "WARNING"} for name in ("django_tasks", "django_tasks_db")},
        # Anyone can send a strange Host; the answer, 400, is enough.
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
    },
}
