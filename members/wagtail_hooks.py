"""People in Wagtail's administration."""

from __future__ import annotations

from wagtail import hooks
from wagtail.admin.panels import FieldPanel
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from members.models import MembershipLevel
from members.wagtail_groups import SwitchAccountsBulkAction
from members.wagtail_record import RecordViewSet
from members.wagtail_views import MembershipViewSet


@hooks.register("register_admin_viewset")
def members_and_record() -> list[MembershipViewSet | RecordViewSet]:
    return [MembershipViewSet(), RecordViewSet()]


hooks.register("register_bulk_action", SwitchAccountsBulkAction, order=100)


class MembershipLevelViewSet(SnippetViewSet):
    model = MembershipLevel
    icon = "group"
    list_display = ["name", "order"]
    panels = [FieldPanel("name"), FieldPanel("order")]


register_snippet(MembershipLevelViewSet)
