"""Organisations in Wagtail's administration, without the papers and memberships that the person may not know of.

An organisation is a matter of `members`, but only this app knows which papers somebody may know to come from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.components import MediaContainer
from wagtail.models import ReferenceIndex
from wagtail.snippets.bulk_actions.delete import DeleteBulkAction
from wagtail.snippets.side_panels import SnippetStatusSidePanel
from wagtail.snippets.views.snippets import DeleteView, EditView, SnippetViewSet, UsageView

from fileshare.models import SharedDocument
from fileshare.wagtail_policy import CHOOSE, policy
from members.models import Membership, Organisation

if TYPE_CHECKING:
    from members.models import User


def known_uses(organisation: Organisation, user: User) -> Any:
    """Where the organisation is named, as far as this person may know of it; Wagtail's own lists and counts each
    paper of every folder."""
    known = policy().instances_user_has_any_permission_for(user, {CHOOSE, "change"}).filter(source=organisation.pk)
    papers = ContentType.objects.get_for_model(SharedDocument)
    told = ~Q(base_content_type=papers) | Q(object_id__in=[str(pk) for pk in known.values_list("pk", flat=True)])
    if not user.has_perm("members.view_membership"):
        told &= ~Q(base_content_type=ContentType.objects.get_for_model(Membership))
    return ReferenceIndex.get_references_to(organisation).filter(told).group_by_source_object()


class KnownUsesPanel(SnippetStatusSidePanel):
    """Wagtail's panel beside the form."""

    def get_usage_context(self) -> dict[str, Any]:
        return {"usage_count": known_uses(self.object, self.request.user).count(), "usage_url": self.usage_url}


class OrganisationUsageView(UsageView):
    def get_queryset(self) -> Any:
        return known_uses(self.object, self.request.user)


class OrganisationEditView(EditView):
    def get_side_panels(self) -> Any:
        beside = KnownUsesPanel(
            self.object,
            self.request,
            show_schedule_publishing_toggle=False,
            live_object=self.object,
            usage_url=self.get_usage_url(),
            history_url=self.get_history_url(),
            last_updated_info=self.get_last_updated_info(),
        )
        return MediaContainer([beside])


class OrganisationDeleteView(DeleteView):
    """What is used by anything at all stays; how often is told of known uses alone."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        uses = known_uses(self.object, self.request.user)
        return {**super().get_context_data(**kwargs), "usage_count": uses.count()}


class DeleteOrganisationsBulkAction(DeleteBulkAction):
    models = [Organisation]

    def object_context(self, item: Organisation) -> dict[str, Any]:
        return {**super().object_context(item), "usage_count": known_uses(item, self.request.user).count()}


class OrganisationViewSet(SnippetViewSet):
    model = Organisation
    icon = "site"
    menu_label = "Organisations"
    menu_order = 470
    add_to_admin_menu = True
    list_display = ["name", "abbreviation"]
    search_fields = ["name", "abbreviation"]
    panels = [FieldPanel("name"), FieldPanel("abbreviation"), FieldPanel("website")]
    edit_view_class = OrganisationEditView
    delete_view_class = OrganisationDeleteView
    usage_view_class = OrganisationUsageView
