"""The site in Wagtail's administration: its look, its scripts, its doors, topics and authors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from fileshare import use, wagtail_review, wagtail_use
from members.access import tell_wagtail
from portal import (
    access,
    desk,
    page_cache,
    wagtail_comments,
    wagtail_failed_work,
    wagtail_pictures,
    wagtail_remarks,
    wagtail_report,
    wagtail_searches,
)
from portal.models import Author, HomePage, NewsIndexPage, NewsPage, StandardPage, Topic

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from wagtail.admin.ui.components import Component
    from wagtail.models import Page

    from members.models import User


hooks.register("construct_admin_api", wagtail_pictures.register_endpoint, order=100)
REPORTS_ON_PAPERS = (wagtail_use.NAME, wagtail_review.NAME)
PUBLIC_PAGES = (HomePage, NewsIndexPage, NewsPage, StandardPage)


@hooks.register("insert_global_admin_js")
def scripts() -> SafeString:
    names = ("js/admin/start-widgets.js", "js/admin/leave-table.js")
    return format_html_join("", '<script src="{}" defer></script>', ((static(name),) for name in names))


@hooks.register("insert_global_admin_css")
def brand() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin/brand.css"))


@hooks.register("before_serve_page")
def private_pages_are_for_members(page: Page, request: HttpRequest, *args: object) -> None:
    """Wagtail's “logged-in users” admits whoever has an account; here a private page is for current members.

    Wagtail's own check comes after this one and sends visitors to sign in.
    """
    user = request.user
    if user.is_authenticated:
        tell_wagtail(user)
    if user.is_authenticated and not access.may_read_members_part(user, page) and page.get_view_restrictions():
        raise PermissionDenied


@hooks.register("on_serve_page", order=-1)
def nobody_signs_in_twice(serve: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wagtail sends whoever is not in a private page's groups to sign in, who then comes back at once, for ever."""

    def served(page: Page, request: HttpRequest, *args: object) -> HttpResponse:
        response = serve(page, request, *args)
        sent_to = urlsplit(response.headers.get("Location", "")).path
        if request.user.is_authenticated and sent_to == settings.WAGTAIL_FRONTEND_LOGIN_URL:
            raise PermissionDenied
        return response

    return served


@hooks.register("on_serve_page", order=-2)
def public_pages_are_the_same_for_every_visitor(serve: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wagtail has sent visitors of private pages away before. A page with a form, which each visitor gets with a token
    of their own, does not say that it is public."""

    def served(page: Page, request: HttpRequest, *args: object) -> HttpResponse:
        response = serve(page, request, *args)
        return page_cache.declare_public(request, response) if isinstance(page, PUBLIC_PAGES) else response

    return served


@hooks.register("get_avatar_url")
def no_picture(user: User, size: int) -> str:
    """One mark for everybody: an uploaded picture would lie in the private store, which gives no addresses."""
    return static("icons/person.svg")


@hooks.register("before_move_page")
def ask_before_a_page_is_named(request: HttpRequest, page: Page, destination: Page) -> None:
    """Wagtail's last question before a move names the page to whoever asks, and looks at rights only afterwards."""
    if not page.permissions_for_user(request.user).can_move():
        raise Http404("No page that this person may move.")


hooks.register("after_create_page", wagtail_remarks.tell)
hooks.register("after_edit_page", wagtail_remarks.tell)


@hooks.register("construct_homepage_panels")
def show_what_waits(request: HttpRequest, panels: list[Component]) -> None:
    panels += desk.panels()


hooks.register("register_admin_urls", wagtail_report.addresses)
hooks.register("register_reports_menu_item", wagtail_report.menu_item)
hooks.register("register_admin_urls", wagtail_searches.addresses)
hooks.register("register_reports_menu_item", wagtail_searches.menu_item)
hooks.register("register_admin_urls", wagtail_failed_work.addresses)
hooks.register("register_reports_menu_item", wagtail_failed_work.menu_item)


@hooks.register("construct_main_menu")
def hide_reports_without_use(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """A secretary has nothing to look for in reports and help; an auditor and an editor of papers alone, in reports."""
    user: Any = request.user
    if not _works_here(user):
        hidden = ("help",) if use.is_for(user) else ("reports", "help")
        menu_items[:] = [item for item in menu_items if item.name not in hidden]


@hooks.register("construct_reports_menu")
def hide_reports_on_pages(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    if not _works_here(request.user):
        menu_items[:] = [item for item in menu_items if item.name in REPORTS_ON_PAPERS]


def _works_here(user: Any) -> bool:
    """Whether the reports that Wagtail brings, which are about pages, are of use to the person."""
    return access.works_on_pages(user) or bool(user.has_perm("portal.change_topic"))


class PostsMenuItem(MenuItem):
    """For those who write or publish; everybody else would find an empty list."""

    def is_shown(self, request: HttpRequest) -> bool:
        return access.works_on_pages(request.user)


class PostViewSet(PageListingViewSet):
    """All posts in one flat list, drafts and those in review with them."""

    model = NewsPage
    name = "posts"
    icon = "doc-full"
    menu_label = "Posts"

    def get_menu_item(self, order: int | None = None) -> MenuItem:
        return PostsMenuItem(self.menu_label, self.menu_url, name="posts", icon_name=self.icon, order=order or 0)


class TopicViewSet(SnippetViewSet):
    model = Topic
    icon = "tag"
    list_display = ["name", "slug", "order"]


class AuthorViewSet(SnippetViewSet):
    model = Author
    icon = "user"
    list_display = ["name", "role"]


class NewsGroup(SnippetViewSetGroup):
    menu_label = "News"
    menu_icon = "doc-full"
    menu_order = 300
    items = (PostViewSet, wagtail_comments.CommentViewSet, TopicViewSet, AuthorViewSet)


register_snippet(NewsGroup)
hooks.register("register_bulk_action", wagtail_comments.ApproveComments)
hooks.register("register_bulk_action", wagtail_comments.RemoveComments)
