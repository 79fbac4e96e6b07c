"""Who may read what is not for everybody: private pages, the members' part of a post, a post before its date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.db.models import Exists, OuterRef
from django.db.models.functions import Length, Substr
from django.http import HttpRequest
from django.utils import timezone
from wagtail.models import PageViewRestriction
from wagtail.permissions import page_permission_policy

from members.access import current_people, tell_wagtail, those_in, ways_into_groups

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet
    from wagtail.models import Page

    from members.models import User
    from portal.models import NewsPage


def may_read_members_part(user: User | AnonymousUser, page: Page) -> bool:
    """Current members, administrators, and those who may edit the page."""
    if reads_members_parts(user):
        return True
    if not (user.is_authenticated and user.is_active) or user.is_leaving:
        return False
    return bool(page.permissions_for_user(user).can_edit())


def reads_members_parts(user: User | AnonymousUser) -> bool:
    """Whether the person reads the members' part of every post: current members and administrators do."""
    if not (user.is_authenticated and user.is_active) or user.is_leaving:
        return False
    return bool(user.is_superuser or user.is_current_member)


def is_private() -> Exists:
    """For a query of pages: whether the page or one above it is private."""
    # As Wagtail's `public()`, which would ask for the restricted pages first.
    above = Substr(OuterRef("path"), 1, Length("page__path"))
    return Exists(PageViewRestriction.objects.filter(page__path=above))


def keeps_out(user: User) -> Exists:
    """For a query of pages: whether the privacy of a page, or of one above it, keeps this current member out. The same
    as `may_open_private` for many pages at once; a shared password keeps everybody out."""
    closing = PageViewRestriction.objects.exclude(restriction_type=PageViewRestriction.LOGIN)
    if user.is_superuser:
        closing = closing.exclude(restriction_type=PageViewRestriction.GROUPS)
    for way in ways_into_groups(user, "groups__"):
        passed = PageViewRestriction.objects.filter(way, restriction_type=PageViewRestriction.GROUPS)
        closing = closing.exclude(pk__in=passed.values("pk"))
    return Exists(closing.filter(page__path=Substr(OuterRef("path"), 1, Length("page__path"))))


def readers_of(page: Page) -> QuerySet[User]:
    """The same turned round: which current members may open a page that is published."""
    people = current_people()
    for restriction in page.get_view_restrictions().prefetch_related("groups"):
        if restriction.restriction_type == PageViewRestriction.GROUPS:
            people = those_in(people, [group.pk for group in restriction.groups.all()])
        elif restriction.restriction_type != PageViewRestriction.LOGIN:
            return people.none()
    return people


def may_open_private(request: HttpRequest, page: Page) -> bool:
    """Whether the privacy of the page and of those above lets this reader in; True for a public page."""
    restrictions = list(page.get_view_restrictions())
    if request.user.is_authenticated:
        tell_wagtail(request.user)
    is_let_in = all(each.accept_request(request) for each in restrictions)
    return is_let_in and (not restrictions or may_read_members_part(request.user, page))


def may_open_private_without_session(user: User, page: Page) -> bool:
    """The same for whom a mail is written: of a shared password nobody knows who has typed it."""
    request = HttpRequest()
    request.user, request.session = user, SessionStore()
    return may_open_private(request, page)


def is_out_for(user: User | AnonymousUser, post: NewsPage) -> bool:
    """Whether the post's date has come; those who may edit it look at the page before."""
    if post.published_at <= timezone.now():
        return True
    if not (user.is_authenticated and user.is_active) or user.is_leaving:
        return False
    return bool(post.permissions_for_user(user).can_edit())


def works_on_pages(user: User | AnonymousUser) -> bool:
    """Whether the person writes, changes or publishes pages anywhere."""
    return bool(page_permission_policy.user_has_any_permission(user, ["add", "change", "publish"]))
