"""Wagtail's app of people and groups, with our view of a group."""

from __future__ import annotations

from wagtail.users.apps import WagtailUsersAppConfig


class WagtailUsersConfig(WagtailUsersAppConfig):
    group_viewset = "members.wagtail_groups.RecordedGroupViewSet"
