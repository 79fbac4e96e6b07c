"""The address to which a post's page says that it is being read."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portal.models import view_counts
from portal.view_counts import reader_of, waiting_readers


@login_not_required
@csrf_exempt  # a page from the cache carries no token, and nobody's account is concerned
@require_POST
@never_cache
def count(request: HttpRequest, post_id: str, seal: str) -> HttpResponse:
    """204 whatever the post, without asking the database: the answer tells nobody which posts exist."""
    is_ours = constant_time_compare(seal, view_counts.seal(int(post_id)))
    digest = reader_of(request, int(post_id)) if is_ours else None
    if digest is not None:
        waiting_readers.add(int(post_id), digest)
    return HttpResponse(status=204)
