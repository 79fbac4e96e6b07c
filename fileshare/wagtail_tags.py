"""Tags in Wagtail's administration, suggested only from things that the person may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from taggit.models import Tag, TaggedItem

from fileshare.models import SharedDocument
from fileshare.wagtail_policy import CHOOSE, policy

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from members.models import User

SUGGESTIONS = 10


def tags_known_to(user: User) -> QuerySet[Tag]:
    """Tags of papers that the person may change or choose, and of everything that is no paper."""
    papers = policy().instances_user_has_any_permission_for(user, {CHOOSE, "change", "delete"})
    kind = ContentType.objects.get_for_model(SharedDocument)
    known = TaggedItem.objects.filter(~Q(content_type=kind) | Q(object_id__in=papers.values("pk")))
    return Tag.objects.filter(pk__in=known.values("tag_id"))


def suggest_tags(request: HttpRequest, app_name: str = "", model_name: str = "") -> JsonResponse:
    """In the place of Wagtail's, which suggests every tag that there is. There is one kind of tag, however asked."""
    term = request.GET.get("term", "").replace("\0", "")
    known = tags_known_to(request.user).filter(name__istartswith=term) if term else Tag.objects.none()  # type: ignore[arg-type]  # signed in
    return JsonResponse(list(known.order_by("name").values_list("name", flat=True)[:SUGGESTIONS]), safe=False)
