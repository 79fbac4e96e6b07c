"""Errors to a Sentry server, where SENTRY_DSN names one: what went wrong and where, and nothing about whom.

The package is an extra, since most installations read their log: `pip install 'sentry-sdk>=2.40'`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sentry_sdk

from portal.ops.log import redact
from portal.ops.request_id import current

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

WORDS = ("exception", "logentry", "message", "extra", "threads", "transaction")


def send_to(dsn: str) -> None:
    """Local variables, bodies of requests, cookies, headers, and what went before an error stay here."""
    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        before_send=scrub,
    )


def scrub(event: Event, hint: Hint) -> Event:
    event.pop("user", None)
    if "request" in event:
        asked = event["request"]
        event["request"] = {name: _redacted(asked[name]) for name in ("method", "url") if name in asked}
    for name in WORDS:
        if name in event:
            event[name] = _redacted(event[name])  # type: ignore[literal-required]  # each is a key of events
    if request := current():
        event.setdefault("tags", {})["request"] = request
    return event


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {name: _redacted(each) for name, each in value.items()}
    return [_redacted(each) for each in value] if isinstance(value, list | tuple) else value
