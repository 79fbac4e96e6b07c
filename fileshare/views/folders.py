"""Browsing the file share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import F, QuerySet
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from fileshare import folders
from fileshare.enums import Refusal
from fileshare.folders import FolderNode, FolderTree
from fileshare.models import SharedDocument
from members import audit
from members.enums import Action

if TYPE_CHECKING:
    from fileshare.views.types import SignedInRequest

PER_PAGE = 25
# Each ends in the key, so that the order never changes between two pages.
SORTS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "newest": ("Newest first", ("-publish_at", "-pk")),
    "oldest": ("Oldest first", ("publish_at", "pk")),
    "title": ("Title", (Lower("title"), "pk")),
    "source": ("Source", (F("source__name").asc(nulls_last=True), Lower("title"), "pk")),
    "size": ("Largest first", ("-file_size", "-pk")),
}


def page_of(request: HttpRequest, papers: QuerySet[SharedDocument], per_page: int = PER_PAGE) -> Page[SharedDocument]:
    """The page that the address asks for. Raises Http404 for one that does not exist."""
    paginator = Paginator(papers, per_page)
    try:
        return paginator.page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404("No such page.") from error


def _listing(request: SignedInRequest, tree: FolderTree, node: FolderNode | None) -> HttpResponse:
    tree.mark_current(node)
    papers = SharedDocument.objects.visible_to(request.user).with_facts().prefetch_related("versions")
    if node is not None:
        papers = papers.filter(collection=node.collection_id)
    sort = request.GET.get("sort", "newest")
    if sort not in SORTS:
        sort = "newest"
    page = page_of(request, papers.order_by(*SORTS[sort][1]))
    return render(
        request,
        "fileshare/folder.html",
        {
            "tree": tree.top,
            "total": tree.total,
            "folder": node,
            "title": node.name if node else "All papers",
            "description": node.description if node else "",
            "breadcrumbs": folders.breadcrumbs(node),
            "papers": page,
            "papers_below": node.count - page.paginator.count if node else 0,
            "page_range": page.paginator.get_elided_page_range(page.number),
            "sort": sort,
            "sorts": [
                {"key": key, "label": label, "url": f"?{urlencode({'sort': key})}", "is_current": key == sort}
                for key, (label, _order) in SORTS.items()
            ],
        },
    )


@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """All papers that the person may read; for somebody without a current membership, why there are none."""
    tree = folders.tree_for(request.user)
    if not tree.total and not request.user.is_current_member:
        return render(request, "fileshare/no_access.html", {"title": "Files"})
    return _listing(request, tree, None)


@require_safe
def show(request: SignedInRequest, path: str) -> HttpResponse:
    """One folder: its own papers, with the folders below in the tree."""
    tree = folders.tree_for(request.user)
    node = tree.at(path)
    if node is None or (not tree.total and not request.user.is_current_member):
        audit.record(
            Action.REFUSED, actor=request.user, object_kind="address", object_id=path, reason=Refusal.UNKNOWN.value
        )
        raise Http404("No such folder.")
    return _listing(request, tree, node)


def unknown(request: HttpRequest, path: str) -> HttpResponse:
    """Anything else under /files/ does not exist, for whoever is signed in."""
    raise Http404(f"Nothing at {path}.")
