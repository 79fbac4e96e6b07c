"""Who may read what the site keeps for members: private pages, and the members' part of a post."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from wagtail.models import Page

    from members.models import User


def may_read_members_part(user: User | AnonymousUser, page: Page) -> bool:
    """Current members, administrators, and those who may edit the page."""
    if not (user.is_authenticated and user.is_active):
        return False
    if user.is_superuser or user.is_current_member:
        return True
    return bool(page.permissions_for_user(user).can_edit())
