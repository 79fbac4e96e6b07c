"""People in Wagtail's administration."""

from __future__ import annotations

from wagtail import hooks
from wagtail.admin.panels import FieldPanel
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from members.models import MembershipLevel, Organisation
from members.wagtail_record import RecordViewSet
from members.wagtail_views import MembershipViewSet


@hooks.register("register_admin_viewset")
def members_and_record() -> list[MembershipViewSet | RecordViewSet]:
    return [MembershipViewSet(), RecordViewSet()]


class OrganisationViewSet(SnippetViewSet):
    model = Organisation
    icon = "site"
    menu_label = "Organisations"
    menu_order = 470
    add_to_admin_menu = True
    list_display = ["name", "abbreviation"]
    search_fields = ["name", "abbreviation"]
    panels = [FieldPanel("name"), FieldPanel("abbreviation"), FieldPanel("website")]


class MembershipLevelViewSet(SnippetViewSet):
    model = MembershipLevel
    icon = "group"
    list_display = ["name", "order"]
    panels = [FieldPanel("name"), FieldPanel("order")]


register_snippet(OrganisationViewSet)
register_snippet(MembershipLevelViewSet)
