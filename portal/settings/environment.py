"""The environment: each variable is read once, here, with its type and its default.

The table in README.md lists the same names. A value that cannot be used stops the start with one sentence.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent
STORAGE_KINDS = ("folder", "s3")
DELIVERIES = ("stream", "accel")
LOG_FORMATS = ("json", "plain")
DATABASES = ("sqlite://", "postgres://", "postgresql://")
T = TypeVar("T")


def stop(sentence: str) -> NoReturn:
    """End the start with one sentence and no traceback: the reader is an operator."""
    sys.exit(f"Gatehouse cannot start: {sentence}")


@dataclass(frozen=True)
class Environment:
    """Everything that the site takes from outside."""

    secret_key: str
    base_url: str
    allowed_hosts: list[str]
    data_dir: Path
    database: dict[str, Any]
    cache_url: str
    edge_seconds: int
    edge: dict[str, dict[str, str]]
    email: dict[str, Any]
    private_storage: str
    s3_bucket: str
    s3_endpoint_url: str
    delivery: str
    clamd_url: str
    scan_at_most: int
    trusted_proxy_count: int
    metrics_addresses: list[IPv4Network | IPv6Network]
    leaving_days: int
    record_key: str
    record_heads: list[str]
    unusual_papers: int
    mails_a_minute: int
    staff_require_mfa: bool
    mfa_groups: list[str]
    oidc: dict[str, Any]
    log_format: str
    sentry_dsn: str
    demo_password: str
    debug: bool


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        stop(f"{name} is “{value}”, but must be one of: {', '.join(allowed)}.")
    return value


def _understood(name: str, read: Callable[[], T], wanted: str) -> T:
    """What `read` makes of a variable; where it makes nothing of it, the start stops. The value may hold a password,
    so that the sentence never repeats it."""
    try:
        return read()
    except (ImproperlyConfigured, ValueError, KeyError, TypeError):
        stop(f"{name} cannot be understood; it must be {wanted}.")


def _switch(env: environ.Env, name: str, *, default: bool) -> bool:
    """Raises ValueError for anything but a plain yes or no: a slip must not open what should be closed."""
    words = {"on": True, "true": True, "1": True, "yes": True, "off": False, "false": False, "0": False, "no": False}
    said: str = env.str(name, default="").strip().lower()
    return words[said] if said else default


def _base_url(env: environ.Env) -> str:
    base_url: str = env.str("BASE_URL", default="").rstrip("/")
    parts = _understood("BASE_URL", lambda: urlsplit(base_url), "an address")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
        stop("BASE_URL must be the site's public address, such as https://www.example.org.")
    return base_url


def _data_dir(env: environ.Env) -> Path:
    data_dir = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).expanduser().resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        stop(f"DATA_DIR cannot be made: {error.strerror}.")
    if not os.access(data_dir, os.W_OK | os.X_OK):
        stop(f"DATA_DIR ({data_dir}) cannot be written to by the user who starts the site.")
    return data_dir


def _allowed_hosts(env: environ.Env, base_url: str) -> list[str]:
    hosts: list[str] = [host.strip() for host in env.list("ALLOWED_HOSTS", default=[]) if host.strip()]
    if any("/" in host or "@" in host for host in hosts):
        stop("ALLOWED_HOSTS must hold host names with commas between them, such as example.org,www.example.org.")
    return hosts or [urlsplit(base_url).hostname or ""]


def _object_store(env: environ.Env, storage: str) -> tuple[str, str]:
    """The bucket, and the address of its server."""
    bucket, address = env.str("S3_BUCKET", default=""), env.str("S3_ENDPOINT_URL", default="")
    if storage == "s3" and not bucket:
        stop("PRIVATE_STORAGE is “s3”, so S3_BUCKET must name the bucket.")
    parts = _understood("S3_ENDPOINT_URL", lambda: urlsplit(address), "an address")
    if address and (parts.scheme not in ("http", "https") or not parts.hostname):
        stop("S3_ENDPOINT_URL must be the object store's address, such as https://s3.example.org.")
    return bucket, address


def _clamd_url() -> str:
    """Where the virus scanner listens; empty where there is none. Not through `env`, as SECRET_KEY below."""
    address = os.environ.get("CLAMD_URL", "").strip()
    if not address:
        return ""
    wanted = "unix:///run/clamav/clamd.ctl or tcp://127.0.0.1:3310"
    parts = _understood("CLAMD_URL", lambda: urlsplit(address), wanted)
    port = _understood("CLAMD_URL", lambda: parts.port, wanted)
    is_socket = parts.scheme == "unix" and not parts.netloc and len(parts.path) > 1
    is_server = parts.scheme == "tcp" and parts.hostname and port and not parts.path
    if not (is_socket or is_server) or parts.username or parts.query or parts.fragment:
        stop(f"CLAMD_URL must be where clamd listens: {wanted}.")
    return address


def _scan_at_most(env: environ.Env) -> int:
    """Bytes; clamd cannot look through files of 2 GB."""
    megabytes: int = _understood("CLAMD_MAX_MB", lambda: env.int("CLAMD_MAX_MB", default=500), "a number of megabytes")
    if not 1 <= megabytes <= 2000:
        stop("CLAMD_MAX_MB must be from 1 to 2000: the size in MB up to which clamd.conf has files scanned.")
    return megabytes * 1024**2


def _trusted_proxy_count(env: environ.Env) -> int:
    count: int = _understood("TRUSTED_PROXY_COUNT", lambda: env.int("TRUSTED_PROXY_COUNT", default=0), "a number")
    if count < 0:
        stop("TRUSTED_PROXY_COUNT cannot be less than nought.")
    return count


def _metrics_addresses(env: environ.Env) -> list[IPv4Network | IPv6Network]:
    said: list[str] = env.list("METRICS_ADDRESSES", default=["127.0.0.1", "::1"])
    return _understood(
        "METRICS_ADDRESSES",
        lambda: [ip_network(each.strip()) for each in said if each.strip()],
        "addresses or networks such as 10.0.0.5 or 10.1.0.0/16, with commas between them",
    )


def _delivery(env: environ.Env, storage: str) -> str:
    """Who sends the papers' bytes. By nginx only where one stands in front, since an answer that nobody redirects has
    none."""
    delivery = _one_of("DELIVERY", env.str("DELIVERY", default="stream"), DELIVERIES)
    if delivery == "accel":
        if _trusted_proxy_count(env) == 0:
            stop("DELIVERY is “accel”, which needs nginx in front: set TRUSTED_PROXY_COUNT, or leave it at “stream”.")
        if env.bool("DEBUG", default=False):
            stop("DELIVERY is “accel”, which needs nginx in front: it does not go with DEBUG.")
        if storage == "s3" and not env.str("S3_ENDPOINT_URL", default=""):
            stop("DELIVERY is “accel”, so S3_ENDPOINT_URL must name the store that nginx fetches from.")
    return delivery


def _leaving_days(env: environ.Env) -> int:
    days: int = _understood("LEAVING_DAYS", lambda: env.int("LEAVING_DAYS", default=14), "a number of days")
    if not 1 <= days <= 28:
        stop("LEAVING_DAYS must be from 1 to 28: whoever asks to be erased is to be so within a month.")
    return days


def _record_key() -> str:
    """The seed of the key that signs the record's heads; empty where the site is to make its own. Not through `env`, as
    SECRET_KEY below."""
    key = os.environ.get("RECORD_KEY", "").strip().lower()
    if key and not re.fullmatch("[0-9a-f]{64}", key):
        stop("RECORD_KEY must be 32 bytes as 64 letters and digits: “openssl rand -hex 32” makes them.")
    return key


def _record_heads(env: environ.Env) -> list[str]:
    places = [each.strip() for each in env.list("RECORD_HEADS", default=[]) if each.strip()]
    for place in places:
        kind, _, rest = place.partition(":")
        bucket = rest.removeprefix("//").partition("/")[0]
        is_known = place.startswith("/") or (kind == "mailto" and "@" in rest) or (place.startswith("s3://") and bucket)
        if not is_known:
            stop("RECORD_HEADS must be folders (/mnt/elsewhere), mailto:somebody@example.org or s3://bucket/folder.")
    return places


def _unusual_papers(env: environ.Env) -> int:
    papers: int = _understood("UNUSUAL_PAPERS", lambda: env.int("UNUSUAL_PAPERS", default=60), "a number of papers")
    if papers < 2:
        stop("UNUSUAL_PAPERS must be 2 or more: it is how many papers in an hour are worth a mail.")
    return papers


def _mails_a_minute(env: environ.Env) -> int:
    count: int = _understood("MAILS_A_MINUTE", lambda: env.int("MAILS_A_MINUTE", default=6000), "a number")
    if not 1 <= count <= 1_000_000:
        stop("MAILS_A_MINUTE must be from 1 to 1000000.")
    return count


def _oidc(env: environ.Env) -> dict[str, Any]:
    """The service of single sign-on, as allauth's table of services has it; empty where there is none."""
    names = ("OIDC_SERVER_URL", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    # Not through `env`, as SECRET_KEY below.
    server, client, secret = (os.environ.get(name, "") for name in names)
    if not (server or client or secret):
        return {}
    if not (server and client and secret):
        stop(f"{', '.join(names)} go together: set all of them, or none.")
    parts = _understood("OIDC_SERVER_URL", lambda: urlsplit(server), "an address")
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


def _database(env: environ.Env, data_dir: Path) -> dict[str, Any]:
    """The database's settings. SQLite takes its write lock at the start of a transaction: without that, concurrent
    writers fail at once instead of waiting."""
    address = env.str("DATABASE_URL", default=f"sqlite:///{data_dir / 'db.sqlite3'}")
    if not address.startswith(DATABASES):
        stop("DATABASE_URL must start with sqlite:// or postgres://.")
    database: dict[str, Any] = _understood(
        "DATABASE_URL", lambda: env.db_url_config(address), "an address such as postgres://user:password@host:5432/name"
    )
    if address.startswith("sqlite"):
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000;",
        }
    else:
        database["ENGINE"] = "django.db.backends.postgresql"
        # The pool owns the connections, so Django must not keep its own (CONN_MAX_AGE 0).
        database |= {
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": True,
            # What the address itself asks for, such as sslmode, counts. While the server is away a request waits ten
            # seconds for it; once it is back it is found within five.
            "OPTIONS": {
                **database.get("OPTIONS", {}),
                "pool": {"min_size": 0, "max_size": 16, "timeout": 10, "reconnect_timeout": 5},
            },
        }
    return database


def _edge(env: environ.Env) -> tuple[int, dict[str, dict[str, str]]]:
    """How long a delivery network keeps public pages, and Wagtail's settings for purging it."""
    seconds: int = _understood("EDGE_SECONDS", lambda: env.int("EDGE_SECONDS", default=1), "a number of seconds")
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


def _sentry_dsn() -> str:
    """Where errors are sent; empty where nobody asked for that."""
    dsn = os.environ.get("SENTRY_DSN", "")
    if not dsn:
        return ""
    parts = _understood("SENTRY_DSN", lambda: urlsplit(dsn), "an address such as https://key@sentry.example.org/1")
    if parts.scheme not in ("http", "https") or not (parts.username and parts.hostname and parts.path.strip("/")):
        stop("SENTRY_DSN must be the address that Sentry gives, such as https://key@sentry.example.org/1.")
    if find_spec("sentry_sdk") is None:
        stop("SENTRY_DSN is set, but the package is not there: install it with “pip install 'sentry-sdk>=2.40'”.")
    return dsn


def read(*, production: bool) -> Environment:
    """Read the environment. Raises SystemExit with one sentence that names the variable."""
    env = environ.Env()
    # Not through `env`, which takes a value that begins with “$” for the name of another variable.
    secret_key = os.environ.get("SECRET_KEY", "")
    if not secret_key:
        stop("SECRET_KEY is not set. Put at least fifty random characters into it.")
    if production and len(secret_key) < 50:
        stop("SECRET_KEY is shorter than fifty characters.")
    base_url, data_dir = _base_url(env), _data_dir(env)
    storage = _one_of("PRIVATE_STORAGE", env.str("PRIVATE_STORAGE", default="folder"), STORAGE_KINDS)
    bucket, store = _object_store(env, storage)
    cache_url = env.str("CACHE_URL", default="")
    if cache_url and not cache_url.startswith(("redis://", "rediss://")):
        stop("CACHE_URL must start with redis:// or rediss://; leave it unset for the database cache.")
    edge_seconds, edge = _edge(env)
    log_format = env.str("LOG_FORMAT", default="json" if production else "plain")
    return Environment(
        secret_key=secret_key,
        base_url=base_url,
        allowed_hosts=_allowed_hosts(env, base_url),
        data_dir=data_dir,
        database=_database(env, data_dir),
        cache_url=cache_url,
        edge_seconds=edge_seconds,
        edge=edge,
        email=_understood(
            "EMAIL_URL", lambda: env.email("EMAIL_URL", default="consolemail://"), "an address such as smtp://host:25"
        ),
        private_storage=storage,
        s3_bucket=bucket,
        s3_endpoint_url=store,
        delivery=_delivery(env, storage),
        clamd_url=_clamd_url(),
        scan_at_most=_scan_at_most(env),
        trusted_proxy_count=_trusted_proxy_count(env),
        metrics_addresses=_metrics_addresses(env),
        leaving_days=_leaving_days(env),
        record_key=_record_key(),
        record_heads=_record_heads(env),
        unusual_papers=_unusual_papers(env),
        mails_a_minute=_mails_a_minute(env),
        staff_require_mfa=_understood(
            "STAFF_REQUIRE_MFA", lambda: _switch(env, "STAFF_REQUIRE_MFA", default=production), "on or off"
        ),
        mfa_groups=[name.strip() for name in env.list("MFA_GROUPS", default=[]) if name.strip()],
        oidc=_oidc(env),
        log_format=_one_of("LOG_FORMAT", log_format, LOG_FORMATS),
        sentry_dsn=_sentry_dsn(),
        demo_password=env.str("DEMO_PASSWORD", default="gatehouse-demo"),
        debug=_understood("DEBUG", lambda: _switch(env, "DEBUG", default=False), "on or off"),
    )
