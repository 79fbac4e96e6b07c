"""People in Wagtail's administration."""

from __future__ import annotations

from wagtail import hooks
from wagtail.snippets.models import register_snippet

from members import wagtail_people
from members.wagtail_application_bulk import ApproveApplications, DeclineApplications
from members.wagtail_applications import ApplicationViewSet
from members.wagtail_bulk import ChangeLevelBulkAction, ExtendBulkAction, InviteBulkAction, SuspendBulkAction
from members.wagtail_groups import SwitchAccountsBulkAction
from members.wagtail_invitations import InvitationViewSet
from members.wagtail_levels import MembershipLevelViewSet, keep_levels_in_use
from members.wagtail_record import RecordViewSet
from members.wagtail_views import MembershipViewSet


@hooks.register("register_admin_viewset")
def members_and_record() -> list[MembershipViewSet | RecordViewSet]:
    return [MembershipViewSet(), RecordViewSet()]


hooks.register("register_admin_urls", wagtail_people.urls)
hooks.register("before_delete_user", wagtail_people.erase_instead)
hooks.register("before_bulk_action", wagtail_people.erase_one_by_one)
hooks.register("register_bulk_action", SwitchAccountsBulkAction, order=100)
for action in (
    *(InviteBulkAction, ExtendBulkAction, ChangeLevelBulkAction, SuspendBulkAction),
    *(ApproveApplications, DeclineApplications),
):
    hooks.register("register_bulk_action", action)

hooks.register("before_bulk_action", keep_levels_in_use)
register_snippet(MembershipLevelViewSet)
register_snippet(ApplicationViewSet)
register_snippet(InvitationViewSet)
