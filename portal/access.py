"""Who may read what is not for everybody: private pages, the members' part of a post, a post before its date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from wagtail.models import Page

    from members.models import User
    from portal.models import NewsPage


def may_read_members_part(user: User | AnonymousUser, page: Page) -> bool:
    """Current members, administrators, and those who may edit the page."""
    if not (user.is_authenticated and user.is_active):
        return False
    if user.is_superuser or user.is_current_member:
        return True
    return bool(page.permissions_for_user(user).can_edit())


def is_out_for(user: User | AnonymousUser, post: NewsPage) -> bool:
    """Whether the post's date has come; those who may edit it look at the page before."""
    if post.published_at <= timezone.now():
        return True
    return user.is_authenticated and user.is_active and bool(post.permissions_for_user(user).can_edit())
