"""Production settings. Safe as they stand: `dev` and `test` loosen them, visibly, and nothing else does."""

from __future__ import annotations

import os
import zoneinfo
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from portal.settings import environment
from portal.settings.signing_in import *  # noqa: F403 -- settings, which are all read by their names

PRODUCTION = os.environ.get("DJANGO_SETTINGS_MODULE", "portal.settings.base") == "portal.settings.base"
ENV = environment.read(production=PRODUCTION)
BASE_DIR = environment.BASE_DIR

# --- The site ---------------------------------------------------------------------------------------------------
DEBUG = False
SECRET_KEY = ENV.secret_key
BASE_URL = ENV.base_url
ALLOWED_HOSTS = ENV.allowed_hosts
DATA_DIR = ENV.data_dir
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEMO_ALLOWED = False
DEMO_PASSWORD = ENV.demo_password

INSTALLED_APPS = [
    "portal",
    "fileshare",
    "members",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "members.user_sessions_app.UserSessionsConfig",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.routable_page",
    "wagtail.contrib.settings",
    "wagtail.contrib.table_block",
    "wagtail.sites",
    "members.wagtail_users_app.WagtailUsersConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "portal.ops.watch.watch",
    "django.middleware.security.SecurityMiddleware",
    "portal.middleware.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.ContentPolicyMiddleware",
    "portal.middleware.private_responses",
    "portal.middleware.limits",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Closed by default: a route that the public may use says so with `login_not_required`.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    # Behind all doors, whichever there are: nobody who must have a second factor goes on without it.
    "members.gate.second_factor_gate",
    "portal.middleware.RedirectMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.site",
            ],
        },
    },
]
# Widget templates of Wagtail's admin are overridden in templates/ (see portal/wagtail_hooks.py).
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# --- Data -------------------------------------------------------------------------------------------------------
DATABASES = {"default": ENV.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "portal.ops.shared_cache.RedisCache",
        "LOCATION": ENV.cache_url,
        "KEY_PREFIX": "gatehouse",
        # Seconds: a server that hangs must not hold the site with it.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
    if ENV.cache_url
    else {
        "BACKEND": "portal.ops.shared_cache.DatabaseCache",
        "LOCATION": "cache",
        # Rate limits live in the cache; Django's default of 300 entries would forget them under attack.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # Wagtail would write each rendition of each picture into the cache again whenever a page shows it; the table of
    # renditions, asked once for each page, is the better cache.
    "renditions": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}

# How long a delivery network in front keeps public pages, and how it is told of a change (portal.edge).
EDGE_SECONDS = ENV.edge_seconds
WAGTAILFRONTENDCACHE = ENV.edge

# The *default* storage is the private one: whatever lands by accident lands safely. `public` is the named
# exception, for the pictures of public pages. Secrets of an object store come from the environment alone
# (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), since storage options can end up in the task table.
PUBLIC_ROOT = DATA_DIR / "public"
PRIVATE_ROOT = DATA_DIR / "private"
MEDIA_URL = "/media/"
MEDIA_ROOT = str(PUBLIC_ROOT)
STATIC_URL = "/static/"
STATIC_ROOT = str(DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "portal.stylesheets.SiteStyleSheetFinder",
]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "fileshare.storage.PrivateFolderStorage",
        # nginx reads them as a member of the site's group, where it sends them.
        "OPTIONS": {"location": str(PRIVATE_ROOT), "is_read_by_group": ENV.delivery == "accel"},
    }
    if ENV.private_storage == "folder"
    else {
        "BACKEND": "fileshare.object_storage.PrivateObjectStorage",
        "OPTIONS": {"bucket_name": ENV.s3_bucket, "endpoint_url": ENV.s3_endpoint_url or None},
    },
    "public": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(PUBLIC_ROOT), "base_url": MEDIA_URL},
    },
    "staticfiles": {"BACKEND": "portal.static_files.HashedStaticFiles"},
}
# The access record: the key that signs its heads (made in DATA_DIR where none is given), where they go, and from how
# many papers in an hour on an administrator is told.
RECORD_KEY = ENV.record_key
RECORD_HEADS = ENV.record_heads
S3_ENDPOINT_URL = ENV.s3_endpoint_url
UNUSUAL_PAPERS = ENV.unusual_papers
# Who sends papers' bytes: this process ("stream"), or nginx in front of it ("accel").
DELIVERY = ENV.delivery
# The virus scanner, and the bytes up to which its own settings have files scanned (docs/operator.md).
CLAMD_URL, SCAN_AT_MOST = ENV.clamd_url, ENV.scan_at_most
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "incoming")
(DATA_DIR / "incoming").mkdir(mode=0o700, exist_ok=True)
(DATA_DIR / "static").mkdir(exist_ok=True)  # collected files come later, or, in the demonstration, never
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- Background work and mail -----------------------------------------------------------------------------------
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
vars().update(ENV.email)
if ENV.email["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_BACKEND = "members.smtp.EmailBackend"  # Django's, and nothing doubled or lost when a worker dies
EMAIL_TIMEOUT = ENV.email.get("EMAIL_TIMEOUT") or 60  # seconds: a server that hangs must not hold the worker for ever
DEFAULT_FROM_EMAIL = f"no-reply@{urlsplit(BASE_URL).hostname}"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAILS_A_MINUTE = ENV.mails_a_minute  # of news; letters to one person go at once

# --- People and signing in --------------------------------------------------------------------------------------
# The rest is in `signing_in`.
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(BASE_URL).scheme
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.trusted_proxy_count
# How long a person who leaves may come back before everything about them is erased.
LEAVING_DAYS = ENV.leaving_days
STAFF_REQUIRE_MFA = ENV.staff_require_mfa
MFA_GROUPS = ENV.mfa_groups  # names of further groups
OIDC = ENV.oidc  # single sign-on

# --- Security ---------------------------------------------------------------------------------------------------
METRICS_ADDRESSES = ENV.metrics_addresses  # who may ask for /metrics
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if ENV.trusted_proxy_count:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"  # Wagtail lets its own previews through, see also portal.middleware
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
    }
}

# --- Wagtail ----------------------------------------------------------------------------------------------------
# The base page model stays Wagtail's own (WAGTAIL_PAGE_MODEL unset): no field is wanted on *every* page, and the
# stock model is the one that Wagtail's upgrades, and every package beside it, are tested with.
WAGTAIL_SITE_NAME = "Gatehouse"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAILADMIN_LOGIN_URL = "/account/login/"
WAGTAIL_FRONTEND_LOGIN_URL = "/account/login/"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_AUTOSAVE_INTERVAL = 5_000  # milliseconds; the default writes a revision every half second of typing
# Approving from the page's form saves it first; a new approval after each saving would never end.
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = False
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES = [("en-gb", "English")]
WAGTAILADMIN_PERMITTED_LANGUAGES = [("en", "English")]
# Debian lists the machine's own zone among the zones; browsers do not know it.
WAGTAIL_USER_TIME_ZONES = sorted(zoneinfo.available_timezones() - {"localtime"})
WAGTAILADMIN_RICH_TEXT_EDITORS = {
    "default": {
        "WIDGET": "wagtail.admin.rich_text.DraftailRichTextArea",
        "OPTIONS": {"features": ["bold", "italic", "ol", "ul", "link"]},
    }
}
WAGTAIL_PRIVATE_PAGE_OPTIONS = {"SHARED_PASSWORD": False}
WAGTAILDOCS_PRIVATE_COLLECTION_OPTIONS = {"SHARED_PASSWORD": False}
WAGTAILDOCS_DOCUMENT_MODEL = "fileshare.SharedDocument"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "fileshare.forms.SharedDocumentForm"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_INLINE_CONTENT_TYPES: list[str] = []
WAGTAILDOCS_MAX_UPLOAD_SIZE = min(5 * 1024**3, SCAN_AT_MOST) if CLAMD_URL else 5 * 1024**3
WAGTAILDOCS_EXTENSIONS = [
    *("pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "txt", "csv"),
    *("png", "jpg", "jpeg", "webp", "mp4"),
    "zip",  # where the folder takes it: `fileshare.services.upload.recognise`
]
WAGTAILIMAGES_IMAGE_MODEL = "portal.Picture"
WAGTAILIMAGES_IMAGE_FORM_BASE = "portal.picture_form.PictureForm"
WAGTAILIMAGES_EXTENSIONS = ["png", "jpg", "jpeg", "webp", "avif"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024**2
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 60_000_000
WAGTAILIMAGES_AVIF_QUALITY, WAGTAILIMAGES_WEBP_QUALITY = 50, 70  # photographs stay good, and a post stays light
# The second setting is PostgreSQL's alone: without it, whether "exercise" finds "exercises" hangs on the machine's own.
WAGTAILSEARCH_BACKENDS = {
    "default": {"BACKEND": "portal.admin_search", "SEARCH_CONFIG": "english"},
}
# Ten thousand papers of a list, so that the list's own page can say how many may be chosen, and the rest of a form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12_000

# --- Words and time ---------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
FORMAT_MODULE_PATH = ["portal.formats"]  # Wagtail writes 2:05 p.m. where it speaks plain English
USE_TZ = True

# --- Log --------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "portal.ops.log.PlainFormatter", "format": "{levelname} {name}: {message}", "style": "{"},
        "json": {"()": "portal.ops.log.JsonFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": ENV.log_format},
        # The worker sets its loggers' levels itself and would tell of each task that went well.
        "warnings": {"class": "logging.StreamHandler", "formatter": ENV.log_format, "level": "WARNING"},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # From when the application is loaded; what goes before says that gunicorn starts.
        "gunicorn.error": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django_tasks": {"handlers": ["warnings"], "propagate": False},
        "django_tasks_db": {"handlers": ["warnings"], "propagate": False},
        "fontTools": {"level": "WARNING"},
        "wagtail": {"level": "WARNING"},  # each change is in Wagtail's own history already
    },
}
if ENV.sentry_dsn:
    from portal.ops import sentry  # the package is an extra

    sentry.send_to(ENV.sentry_dsn)
