"""Tags of posts in Wagtail's administration."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, JsonResponse
from wagtail.permissions import page_permission_policy

from portal.models import PostTag, TaggedPost

SUGGESTIONS = 10


def suggest_post_tags(request: HttpRequest) -> JsonResponse:
    """Tags that some post has, for those who write posts. Papers have tags of their own, which no post shows."""
    term = request.GET.get("term", "").replace("\0", "")
    is_writer = page_permission_policy.user_has_any_permission(request.user, {"add", "change"})
    known = PostTag.objects.filter(Exists(TaggedPost.objects.filter(tag=OuterRef("pk"))), name__istartswith=term)
    found = known.order_by("name").values_list("name", flat=True)[:SUGGESTIONS] if term and is_writer else []
    return JsonResponse(list(found), safe=False)
