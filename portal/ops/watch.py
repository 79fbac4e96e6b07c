"""Around every request: its name for the log, its time for the metrics, and the metrics themselves."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.ops import metrics, request_id
from portal.ops.peer import may_see_metrics

METRICS = "/metrics"


def watch(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The outermost middleware.

    Prometheus asks a process by the machine's own address, without TLS and by no name that the site answers to: whom
    METRICS_ADDRESSES names is answered here, before anything looks at the host. For all others there is no such page.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        name = request_id.of(request)
        request_id.begin(name)
        if request.path_info == METRICS and request.method in ("GET", "HEAD") and may_see_metrics(request):
            response = HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)
            response["Cache-Control"] = "no-store"
        else:
            began = time.perf_counter()
            response = get_response(request)
            seconds = time.perf_counter() - began
            metrics.REQUESTS.labels(metrics.route_of(request), f"{response.status_code // 100}xx").observe(seconds)
        if settings.ALLAUTH_TRUSTED_PROXY_COUNT:  # without a proxy there is no other log to find it in
            response[request_id.HEADER] = name
        return response

    return middleware
