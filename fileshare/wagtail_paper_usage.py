"""Where a paper is used, from Wagtail's index of references: the pages that this person may change by name, all others
by their number."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils.functional import cached_property
from wagtail.documents.views import documents
from wagtail.models import ReferenceIndex
from wagtail.permissions import policy_registry

if TYPE_CHECKING:
    from fileshare.models import SharedDocument
    from members.models import User

MOST_NAMED = 10
TITLE = "Where it is used"


@dataclass(frozen=True)
class Uses:
    """`known` are Wagtail's references, grouped by the page; `hidden` is how many more there are."""

    known: Any
    hidden: int


def uses_of(paper: SharedDocument, user: User) -> Uses:
    references = ReferenceIndex.get_references_to(paper)
    places: dict[int, set[str]] = defaultdict(set)
    for kind, key in references.order_by().values_list("base_content_type", "object_id"):
        places[kind].add(key)
    told, known = Q(pk__in=[]), 0
    for kind, keys in places.items():
        policy: Any = policy_registry.get_by_type(ContentType.objects.get_for_id(kind).model_class())
        mine = policy.instances_user_has_permission_for(user, "change").filter(pk__in=keys)
        named = [str(key) for key in mine.values_list("pk", flat=True)]
        told |= Q(base_content_type=kind, object_id__in=named)
        known += len(named)
    return Uses(references.filter(told).group_by_source_object(), sum(map(len, places.values())) - known)


class PaperUsageView(documents.UsageView):
    page_title = TITLE
    template_name = "wagtaildocs/documents/uses.html"

    @cached_property
    def uses(self) -> Uses:
        return uses_of(self.object, self.request.user)

    def get_queryset(self) -> Any:
        return self.uses.known

    @cached_property
    def columns(self) -> list[Any]:
        found: list[Any] = super().columns
        for column, label in zip(found, ("Page", "Kind", "Where on it"), strict=True):
            column.label = label
        return found

    @property
    def no_results_message(self) -> str:
        return "Nothing that you may change uses it." if self.uses.hidden else "Nothing on this site uses it."

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = super().get_breadcrumbs_items()
        items[-1]["label"] = TITLE
        return items

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(*args, **kwargs), "hidden": self.uses.hidden}


class DeletePaperView(documents.DeleteView):
    """Wagtail's question, with what would miss the paper, and with what is mostly meant."""

    template_name = "wagtaildocs/documents/delete.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        uses = uses_of(self.object, self.request.user)
        known = [str(page) for page, _references in list(uses.known)[:MOST_NAMED]]
        more = uses.known.count() - len(known)
        return {
            **super().get_context_data(**kwargs),
            "paper": self.object,
            "used_on": known,
            "more": more,
            "hidden": uses.hidden,
            "versions": self.object.versions.count(),
        }
