"""Every setting, each from the environment or with a default that is safe. docs/operations.md lists them."""

import os
from pathlib import Path
from typing import Any

from reviews.environment import (
    broker_from,
    database_from,
    envbool,
    envchoice,
    envint,
    envlist,
    envneeded,
    envsecret,
    envstr,
)
from reviews.serve.home import Home
from reviews.theme import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parent.parent
LOADLINE_ENV = envchoice("LOADLINE_ENV", ("development", "production", "test"))
PRODUCTION = LOADLINE_ENV == "production"
TEST = LOADLINE_ENV == "test"

home = Home.from_environment()
home.create()
LOADLINE_HOME = home.root

SECRET_KEY = envsecret("LOADLINE_SECRET_KEY", generated=home.secrets / "secret_key", production=PRODUCTION)
# Off everywhere unless asked for, so that strangers get the same 404 on a laptop as on a server.
DEBUG = not PRODUCTION and envbool("LOADLINE_DEBUG", False)
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]", "testserver")
ALLOWED_HOSTS = envlist("LOADLINE_ALLOWED_HOSTS", () if PRODUCTION else LOCAL_HOSTS)
if PRODUCTION:
    envneeded("LOADLINE_ALLOWED_HOSTS", "the names under which browsers reach this site, comma-separated.")
CSRF_TRUSTED_ORIGINS = envlist("LOADLINE_TRUSTED_ORIGINS")

# What the product itself reads
LOADLINE_MAX_UPLOAD_MB = envint("LOADLINE_MAX_UPLOAD_MB", 2048, least=1)
LOADLINE_PARSE_SECONDS = envint("LOADLINE_PARSE_SECONDS", 1500, least=1)
LOADLINE_READERS = envint("LOADLINE_READERS", min(2, os.cpu_count() or 1), least=1, most=64)  # processes for a big file
LOADLINE_CLAIM_SECONDS = envint("LOADLINE_CLAIM_SECONDS", 30, least=2)  # a reading renews its claim every second
LOADLINE_RAW_DAYS = envint("LOADLINE_RAW_DAYS", 90, most=36_500)  # then raw files are deleted; 0 keeps them

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "import_export",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "telemetry",
    "tickets",
    "reviews",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "reviews.middleware.ContentSecurity",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "reviews.middleware.NoStore",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "reviews.middleware.WrongMethod",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "reviews.urls"
WSGI_APPLICATION = "reviews.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Services: an address from the environment, else the server that ./run keeps under LOADLINE_HOME
if PRODUCTION:
    envneeded("DATABASE_URL", "in production the database is a server of its own.")
    envneeded("REDIS_URL", "in production the queue is a server of its own.")
DATABASES = {"default": database_from(envstr("DATABASE_URL", home.database_url))}
REDIS_URL = envstr("REDIS_URL", home.redis_url)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "cache"},
}
if TEST:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Queue. A task is acknowledged when it is done and delivered again when its worker dies; the visibility timeout must
# be longer than the longest task, or Redis hands a running task to a second worker (checks.py, reviews.E004).
CELERY_BROKER_URL = broker_from(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "global_keyprefix": "queue:"}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = LOADLINE_PARSE_SECONDS + 60
CELERY_TASK_TIME_LIMIT = LOADLINE_PARSE_SECONDS + 120
CELERY_TASK_DEFAULT_QUEUE = "reading"
CELERY_TASK_ROUTES = {"reviews.tasks.render_report": {"queue": "reports"}}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # kB: a process that grew beyond this is replaced after its task
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "resume-stuck-uploads": {
        "task": "reviews.tasks.resume_stuck_uploads",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "expire-raw-files": {"task": "reviews.tasks.expire_raw_files", "schedule": 3600.0, "options": {"expires": 3500}},
}

# Files: uploads stream to the disk they will stay on, and no URL serves them; views hand them out after the guard
MEDIA_ROOT = home.files
FILE_UPLOAD_TEMP_DIR = home.incoming
FILE_UPLOAD_HANDLERS = ["telemetry.upload_handler.HashingUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_NUMBER_FILES = 200

STATIC_URL = "static/"
STATIC_ROOT = home.root / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"
PLAIN_STORAGE = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": STATIC_STORAGE if PRODUCTION else PLAIN_STORAGE},
}
# Outside production a changed stylesheet shows on the next reload, without collecting.
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = not PRODUCTION
WHITENOISE_MAX_AGE = 60 if PRODUCTION else 0  # files with a digest in their name are kept for good in any case
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Accounts: made by an administrator; a second factor for everyone who wants one; rate limits count in the cache
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "reviews.accounts.NoSignup"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_SESSION_REMEMBER = False
ALLAUTH_TRUSTED_PROXY_COUNT = envint("LOADLINE_PROXIES", 0, most=5)
MFA_ADAPTER = "reviews.accounts.SecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Loadline"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator wrote the address; nobody signs up with somebody else's
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
SOCIALACCOUNT_ADAPTER = "reviews.accounts.NoSocialSignup"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if envstr("LOADLINE_OIDC_URL"):
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": envstr("LOADLINE_OIDC_NAME", "single sign-on"),
                "client_id": envneeded("LOADLINE_OIDC_CLIENT_ID", "LOADLINE_OIDC_URL is set."),
                "secret": envneeded("LOADLINE_OIDC_SECRET", "LOADLINE_OIDC_URL is set."),
                "settings": {"server_url": envstr("LOADLINE_OIDC_URL")},
            }
        ],
    }
SESSION_COOKIE_NAME = "loadline_session"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_NAME = "loadline_csrf"
CSRF_FAILURE_VIEW = "reviews.views.errors.forged"

# What a browser may do
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = ["^healthz$"]
SECURE_HSTS_SECONDS = envint("LOADLINE_HSTS_SECONDS", 31_536_000) if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
if envbool("LOADLINE_TRUST_PROXY", False):  # only behind a proxy that sets this header itself
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Preloading binds every host of a domain for years; that is its owner's decision, not an application's.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

DEFAULT_FROM_EMAIL = envstr("LOADLINE_MAIL_FROM", "loadline@localhost")
EMAIL_HOST = envstr("LOADLINE_SMTP_HOST")
EMAIL_PORT = envint("LOADLINE_SMTP_PORT", 587, least=1, most=65535)
EMAIL_HOST_USER = envstr("LOADLINE_SMTP_USER")
EMAIL_HOST_PASSWORD = envstr("LOADLINE_SMTP_PASSWORD")
EMAIL_USE_TLS = True
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": envstr("LOADLINE_LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "WARNING"},
    },
}
