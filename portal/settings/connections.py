"""What the site is told of the parts around it: the database, the store, the proxy, the scanner, the delivery network,
single sign-on, Sentry."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

from portal.settings.variables import one_of, stop, understood

STORAGE_KINDS = ("folder", "s3")
DELIVERIES = ("stream", "accel")
DATABASES = ("sqlite://", "postgres://", "postgresql://")


def database(env: environ.Env, data_dir: Path) -> dict[str, Any]:
    """The database's settings. SQLite takes its write lock at the start of a transaction: without that, concurrent
    writers fail at once instead of waiting."""
    address = env.str("DATABASE_URL", default=f"sqlite:///{data_dir / 'db.sqlite3'}")
    if not address.startswith(DATABASES):
        stop("DATABASE_URL must start with sqlite:// or postgres://.")
    settings: dict[str, Any] = understood(
        "DATABASE_URL", lambda: env.db_url_config(address), "an address such as postgres://user:password@host:5432/name"
    )
    if "server_side_binding" in settings.get("OPTIONS", {}):
        # Such a cursor takes one statement at a time: `members.audit` sends two in one message.
        stop("DATABASE_URL asks for server_side_binding, with which the access record cannot be written: leave it out.")
    if address.startswith("sqlite"):
        settings["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000;",
        }
    else:
        settings["ENGINE"] = "django.db.backends.postgresql"
        # The pool owns the connections, so Django must not keep its own (CONN_MAX_AGE 0).
        settings |= {
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": True,
            # What the address itself asks for, such as sslmode, counts. While the server is away a request waits ten
            # seconds for it; once it is back it is found within five.
            "OPTIONS": {
                **settings.get("OPTIONS", {}),
                "pool": {"min_size": 0, "max_size": 16, "timeout": 10, "reconnect_timeout": 5},
            },
        }
    return settings


def object_store(env: environ.Env, storage: str) -> tuple[str, str]:
    """The bucket, and the address of its server."""
    bucket, address = env.str("S3_BUCKET", default=""), env.str("S3_ENDPOINT_URL", default="")
    if storage == "s3" and not bucket:
        stop("PRIVATE_STORAGE is “s3”, so S3_BUCKET must name the bucket.")
    parts = understood("S3_ENDPOINT_URL", lambda: urlsplit(address), "an address")
    if address and (parts.scheme not in ("http", "https") or not parts.hostname):
        stop("S3_ENDPOINT_URL must be the object store's address, such as https://s3.example.org.")
    return bucket, address


def delivery(env: environ.Env, storage: str) -> str:
    """Who sends the papers' bytes. By nginx only where one stands in front, since an answer that nobody redirects has
    none."""
    who = one_of("DELIVERY", env.str("DELIVERY", default="stream"), DELIVERIES)
    if who == "accel":
        if trusted_proxy_count(env) == 0:
            stop("DELIVERY is “accel”, which needs nginx in front: set TRUSTED_PROXY_COUNT, or leave it at “stream”.")
        if env.bool("DEBUG", default=False):
            stop("DELIVERY is “accel”, which needs nginx in front: it does not go with DEBUG.")
        if storage == "s3" and not env.str("S3_ENDPOINT_URL", default=""):
            stop("DELIVERY is “accel”, so S3_ENDPOINT_URL must name the store that nginx fetches from.")
    return who


def clamd_url() -> str:
    """Where the virus scanner listens; empty where there is none. Not through `env`, as SECRET_KEY in
    `environment`."""
    address = os.environ.get("CLAMD_URL", "").strip()
    if not address:
        return ""
    wanted = "unix:///run/clamav/clamd.ctl or tcp://127.0.0.1:3310"
    parts = understood("CLAMD_URL", lambda: urlsplit(address), wanted)
    port = understood("CLAMD_URL", lambda: parts.port, wanted)
    is_socket = parts.scheme == "unix" and not parts.netloc and len(parts.path) > 1
    is_server = parts.scheme == "tcp" and parts.hostname and port and not parts.path
    if not (is_socket or is_server) or parts.username or parts.query or parts.fragment:
        stop(f"CLAMD_URL must be where clamd listens: {wanted}.")
    return address


def scan_at_most(env: environ.Env) -> int:
    """Bytes; clamd cannot look through files of 2 GB."""
    megabytes: int = understood("CLAMD_MAX_MB", lambda: env.int("CLAMD_MAX_MB", default=500), "a number of megabytes")
    if not 1 <= megabytes <= 2000:
        stop("CLAMD_MAX_MB must be from 1 to 2000: the size in MB up to which clamd.conf has files scanned.")
    return megabytes * 1024**2


def trusted_proxy_count(env: environ.Env) -> int:
    count: int = understood("TRUSTED_PROXY_COUNT", lambda: env.int("TRUSTED_PROXY_COUNT", default=0), "a number")
    if count < 0:
        stop("TRUSTED_PROXY_COUNT cannot be less than nought.")
    return count


def edge(env: environ.Env) -> tuple[int, dict[str, dict[str, str]]]:
    """How long a delivery network keeps public pages, and Wagtail's settings for purging it."""
    seconds: int = understood("EDGE_SECONDS", lambda: env.int("EDGE_SECONDS", default=1), "a number of seconds")
    address: str = env.str("EDGE_PURGE_URL", default="")
    if not 1 <= seconds <= 86_400:
        stop("EDGE_SECONDS must be from 1 to 86400, a day.")
    if (seconds > 1) != bool(address):
        stop("EDGE_SECONDS above 1 and EDGE_PURGE_URL go together: whatever is kept must be purged when it changes.")
    scheme, _, place = address.partition("://")
    if not address:
        return seconds, {}
    kind = {"http": "HTTPBackend", "https": "HTTPBackend", "cloudfront": "CloudfrontBackend",
            "cloudflare": "CloudflareBackend"}.get(scheme)  # fmt: skip
    if not kind or not place:
        stop("EDGE_PURGE_URL must be http://…, https://…, cloudflare://ZONE or cloudfront://DISTRIBUTION.")
    backend = {"BACKEND": f"wagtail.contrib.frontend_cache.backends.{kind}"}
    if scheme == "cloudflare":
        token = os.environ.get("CLOUDFLARE_API_TOKEN", "")
        if not token:
            stop("EDGE_PURGE_URL names Cloudflare, so CLOUDFLARE_API_TOKEN must hold a token that may purge its cache.")
        return seconds, {"default": backend | {"ZONEID": place, "BEARER_TOKEN": token}}
    return seconds, {
        "default": backend | ({"DISTRIBUTION_ID": place} if scheme == "cloudfront" else {"LOCATION": address})
    }


def oidc(env: environ.Env) -> dict[str, Any]:
    """The service of single sign-on, as allauth's table of services has it; empty where there is none."""
    names = ("OIDC_SERVER_URL", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    # Not through `env`, as SECRET_KEY in `environment`.
    server, client, secret = (os.environ.get(name, "") for name in names)
    if not (server or client or secret):
        return {}
    if not (server and client and secret):
        stop(f"{', '.join(names)} go together: set all of them, or none.")
    parts = understood("OIDC_SERVER_URL", lambda: urlsplit(server), "an address")
    at_home = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and at_home)):
        stop("OIDC_SERVER_URL must be the service's address, and begin with https://.")
    return {
        "provider_id": "sso",
        "name": env.str("OIDC_NAME", default=parts.hostname),
        "client_id": client,
        "secret": secret,
        "settings": {"server_url": server.rstrip("/"), "oauth_pkce_enabled": True},
    }


def sentry_dsn() -> str:
    """Where errors are sent; empty where nobody asked for that."""
    dsn = os.environ.get("SENTRY_DSN", "")
    if not dsn:
        return ""
    parts = understood("SENTRY_DSN", lambda: urlsplit(dsn), "an address such as https://key@sentry.example.org/1")
    if parts.scheme not in ("http", "https") or not (parts.username and parts.hostname and parts.path.strip("/")):
        stop("SENTRY_DSN must be the address that Sentry gives, such as https://key@sentry.example.org/1.")
    if find_spec("sentry_sdk") is None:
        stop("SENTRY_DSN is set, but the package is not there: install it with “pip install 'sentry-sdk>=2.40'”.")
    return dsn
