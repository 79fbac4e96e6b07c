"""The environment: each variable is read once, here or in `connections`, with its type and its default.

The table in README.md lists the same names. A value that cannot be used stops the start with one sentence.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

from portal.settings import connections
from portal.settings.variables import one_of, stop, switch, understood

BASE_DIR = Path(__file__).resolve().parent.parent.parent
LOG_FORMATS = ("json", "plain")


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


def _base_url(env: environ.Env) -> str:
    base_url: str = env.str("BASE_URL", default="").rstrip("/")
    parts = understood("BASE_URL", lambda: urlsplit(base_url), "an address")
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


def _metrics_addresses(env: environ.Env) -> list[IPv4Network | IPv6Network]:
    said: list[str] = env.list("METRICS_ADDRESSES", default=["127.0.0.1", "::1"])
    return understood(
        "METRICS_ADDRESSES",
        lambda: [ip_network(each.strip()) for each in said if each.strip()],
        "addresses or networks such as 10.0.0.5 or 10.1.0.0/16, with commas between them",
    )


def _leaving_days(env: environ.Env) -> int:
    days: int = understood("LEAVING_DAYS", lambda: env.int("LEAVING_DAYS", default=14), "a number of days")
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
    papers: int = understood("UNUSUAL_PAPERS", lambda: env.int("UNUSUAL_PAPERS", default=60), "a number of papers")
    if papers < 2:
        stop("UNUSUAL_PAPERS must be 2 or more: it is how many papers in an hour are worth a mail.")
    return papers


def _mails_a_minute(env: environ.Env) -> int:
    count: int = understood("MAILS_A_MINUTE", lambda: env.int("MAILS_A_MINUTE", default=6000), "a number")
    if not 1 <= count <= 1_000_000:
        stop("MAILS_A_MINUTE must be from 1 to 1000000.")
    return count


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
    storage = one_of("PRIVATE_STORAGE", env.str("PRIVATE_STORAGE", default="folder"), connections.STORAGE_KINDS)
    bucket, store = connections.object_store(env, storage)
    cache_url = env.str("CACHE_URL", default="")
    if cache_url and not cache_url.startswith(("redis://", "rediss://")):
        stop("CACHE_URL must start with redis:// or rediss://; leave it unset for the database cache.")
    edge_seconds, edge = connections.edge(env)
    log_format = env.str("LOG_FORMAT", default="json" if production else "plain")
    return Environment(
        secret_key=secret_key,
        base_url=base_url,
        allowed_hosts=_allowed_hosts(env, base_url),
        data_dir=data_dir,
        database=connections.database(env, data_dir),
        cache_url=cache_url,
        edge_seconds=edge_seconds,
        edge=edge,
        email=understood(
            "EMAIL_URL", lambda: env.email("EMAIL_URL", default="consolemail://"), "an address such as smtp://host:25"
        ),
        private_storage=storage,
        s3_bucket=bucket,
        s3_endpoint_url=store,
        delivery=connections.delivery(env, storage),
        clamd_url=connections.clamd_url(),
        scan_at_most=connections.scan_at_most(env),
        trusted_proxy_count=connections.trusted_proxy_count(env),
        metrics_addresses=_metrics_addresses(env),
        leaving_days=_leaving_days(env),
        record_key=_record_key(),
        record_heads=_record_heads(env),
        unusual_papers=_unusual_papers(env),
        mails_a_minute=_mails_a_minute(env),
        staff_require_mfa=understood(
            "STAFF_REQUIRE_MFA", lambda: switch(env, "STAFF_REQUIRE_MFA", default=production), "on or off"
        ),
        mfa_groups=[name.strip() for name in env.list("MFA_GROUPS", default=[]) if name.strip()],
        oidc=connections.oidc(env),
        log_format=one_of("LOG_FORMAT", log_format, LOG_FORMATS),
        sentry_dsn=connections.sentry_dsn(),
        demo_password=env.str("DEMO_PASSWORD", default="gatehouse-demo"),
        debug=understood("DEBUG", lambda: switch(env, "DEBUG", default=False), "on or off"),
    )
