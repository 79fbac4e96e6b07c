"""Where an organisation is used, without the papers and memberships that the person may not know of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from wagtail.models import ReferenceIndex
from wagtail.snippets.views.snippets import UsageView

from fileshare.models import SharedDocument
from fileshare.wagtail_policy import CHOOSE, policy
from members.models import Membership, Organisation

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase


class OrganisationUsageView(UsageView):
    """Wagtail's own lists a title, or at the least a row, for each paper of every folder."""

    def get_queryset(self) -> Any:
        user = self.request.user
        known = policy().instances_user_has_any_permission_for(user, {CHOOSE, "change"}).filter(source=self.object.pk)
        papers = ContentType.objects.get_for_model(SharedDocument)
        told = ~Q(base_content_type=papers) | Q(object_id__in=[str(pk) for pk in known.values_list("pk", flat=True)])
        if not user.has_perm("members.view_membership"):
            told &= ~Q(base_content_type=ContentType.objects.get_for_model(Membership))
        return ReferenceIndex.get_references_to(self.object).filter(told).group_by_source_object()


def usage_of_an_organisation() -> Callable[..., HttpResponseBase]:
    """The view as Wagtail's viewset builds it, with our class."""
    viewset: Any = Organisation.snippet_viewset  # type: ignore[attr-defined]  # set where the snippet is registered
    view: Callable[..., HttpResponseBase] = viewset.construct_view(
        OrganisationUsageView, **viewset.get_usage_view_kwargs()
    )
    return view
