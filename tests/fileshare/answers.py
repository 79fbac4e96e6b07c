"""What the answers with a paper's bytes have in common, and the rows that they leave in the record."""

from __future__ import annotations

from members.models import AccessRecord

CONTENT = b"0123456789" * 10  # of the paper `tens`
SECURITY = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Vary": "Cookie",
}


def etag_of(paper):
    return f'"{paper.current_version.token.hex}"'


def bytes_of(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def newest_rows(count):
    """The newest rows of the record, oldest first, without their time and number."""
    rows = AccessRecord.objects.order_by("-pk")[:count]
    return [(row.action, row.actor_id, row.object_kind, row.object_id, row.reason, row.details) for row in rows][::-1]


def last_row():
    return newest_rows(1)[0]
