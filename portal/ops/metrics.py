"""What the web processes count for Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/).

Each process counts for itself, without asking anybody; under gunicorn the counts lie in a folder that its processes
share (deploy/gunicorn.conf.py), so that any of them answers for all. What the worker does is read from the database at
the moment of asking (`portal.ops.facts`). No label holds anything about a person: routes, states and actions alone.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from portal.ops import facts

if TYPE_CHECKING:
    from django.http import HttpRequest

    from members.models import AccessRecord

CONTENT_TYPE = CONTENT_TYPE_LATEST
counts = CollectorRegistry()
REQUESTS = Histogram(
    "gatehouse_request_seconds",
    "Seconds until the answer began, of requests that reached Django, by route and class of status.",
    ["route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=counts,
)
_page_cache = Counter(
    "gatehouse_page_cache", "Visitors' pages answered from the page cache, and made for it.", ["outcome"],
    registry=counts,
)  # fmt: skip
HIT, MISS = _page_cache.labels("hit"), _page_cache.labels("miss")
RECORDED = Counter(
    "gatehouse_recorded",
    "Rows that web processes wrote into the access record, by action: papers opened, read, downloaded, refused …",
    ["action"],
    registry=counts,
)


def route_of(request: HttpRequest) -> str:
    """The name of the route that answered; addresses themselves, of which there is no end, are nobody's label."""
    match = request.resolver_match
    return match.view_name if match else "none"


def note_row(instance: AccessRecord, created: bool, **kwargs: Any) -> None:
    """A row of the access record was written."""
    if created:
        RECORDED.labels(instance.action).inc()


def exposition() -> bytes:
    """All metrics, as text."""
    registry = counts
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    of_the_site = CollectorRegistry()
    of_the_site.register(facts.Facts())
    return generate_latest(registry) + generate_latest(of_the_site)
