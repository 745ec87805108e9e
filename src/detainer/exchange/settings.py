"""Django's settings. What an operator sets comes from the environment; docs/operations.md lists it."""

import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR: Final = Path(__file__).resolve().parents[1]

DEMO = os.environ.get("DETAINER_DEMO") == "1"
SECRET_KEY = os.environ.get("DETAINER_SECRET_KEY", "")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("DETAINER_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
BEHIND_TLS = os.environ.get("DETAINER_TLS") == "1"


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for a `postgresql://user:password@host:port/name?host=/socket/directory` address."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ImproperlyConfigured(
            f"DATABASE_URL begins with [{parts.scheme}]: the exchange runs on PostgreSQL, postgresql://..."
        )
    query = parse_qs(parts.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", [parts.hostname or ""])[0],
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": int(os.environ.get("DETAINER_POOL", "12")), "timeout": 5},
            "options": "-c timezone=UTC -c statement_timeout=30s -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s",
            "connect_timeout": 5,
            "server_side_binding": True,
            "prepare_threshold": 3,
        },
    }


# The service's own role; migrations run as the owner (database.py), jobs as the worker.
DATABASES = {"default": database(os.environ.get("DETAINER_DATABASE", "postgresql://detainer_service@/detainer"))}

INSTALLED_APPS = [
    "detainer.exchange",
    "detainer.api",
    "detainer.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "pgtrigger",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "detainer.web.middleware.refusals",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "detainer.web.middleware.security_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "detainer.web.middleware.acting",
]

ROOT_URLCONF = "detainer.web.urls"
WSGI_APPLICATION = "detainer.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "detainer.web.context.page",
            ]
        },
    }
]

AUTH_USER_MODEL = "exchange.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "board"
ACCOUNT_ADAPTER = "detainer.web.accounts.NoOpenSignup"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key,20/15m/ip", "receipt_code": "30/m/ip"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = False

SESSION_COOKIE_AGE = 12 * 60 * 60  # CJIS IA-11: sign in again every 12 hours
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-session" if BEHIND_TLS else "session"
SESSION_COOKIE_SECURE = BEHIND_TLS
CSRF_COOKIE_NAME = "__Host-csrf" if BEHIND_TLS else "csrf"
CSRF_COOKIE_SECURE = BEHIND_TLS
CSRF_FAILURE_VIEW = "detainer.web.problems.csrf_failure"
SECURE_HSTS_SECONDS = 31536000 if BEHIND_TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

MAX_BODY = 1024 * 1024  # bytes of one request's body; a batch of stays may be MAX_BATCH_BODY
MAX_BATCH_BODY = 32 * 1024 * 1024
MAX_BATCH_LINES = 10_000
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BATCH_BODY

OUTCOMES = os.environ.get("DETAINER_OUTCOMES", "")  # the folder of the build of outcomes that is published; none: no page

# --- what goes outside (exchange/channels) ---

EXCHANGE_URL = os.environ.get("DETAINER_URL", "http://127.0.0.1:8000").rstrip("/")  # what links in mails begin with
MAIL = urlsplit(os.environ.get("DETAINER_MAIL", ""))  # smtp://, starttls:// or smtps://user:password@host:port; none: no mail
EMAIL_HOST = MAIL.hostname or ""
EMAIL_PORT = MAIL.port or {"smtps": 465, "starttls": 587}.get(MAIL.scheme, 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(MAIL.username or ""), unquote(MAIL.password or "")
EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL.scheme == "smtps", MAIL.scheme == "starttls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("DETAINER_MAIL_FROM", "detainer@localhost.localdomain")
FAX_GATEWAY = os.environ.get("DETAINER_FAX", "")  # a gateway's address with {number} in it
CHANNEL_NETWORKS = os.environ.get("DETAINER_NETWORKS", "")  # networks beside the public one that a webhook may lead to
CHANNEL_AUTHORITIES = os.environ.get("DETAINER_AUTHORITIES", "")  # a file of authorities whose certificates count, too
WEBHOOK_SECONDS = 15.0  # for all of one try
WEBHOOK_REPLY_BYTES = 64 * 1024  # that are read of a reply

# Where the worker finds its tasks; nobody else loads them, and all that they stand on.
PROCRASTINATE_IMPORT_PATHS = ["detainer.exchange.jobs"]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None

LANGUAGE_CODE = "en-us"
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

PROCRASTINATE_WORKER_DEFAULTS = {"update_heartbeat_interval": 2.0, "stalled_worker_timeout": 10.0}

STATIC_URL = "static/"
STATICFILES_DIRS: list[Path] = []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # While the database is away each thread would say so several times a second; /readyz says it once.
    "loggers": {"psycopg.pool": {"level": "ERROR"}, "django.request": {"level": "ERROR"}},
}
