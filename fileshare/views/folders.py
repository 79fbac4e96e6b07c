"""Browsing the file share: all papers, one folder, and the person's own lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from fileshare import access, folders, paging, previews
from fileshare.browse_form import DEFAULTS, GRID, LIST, BrowseForm
from fileshare.enums import Refusal
from fileshare.folders import FolderNode, FolderTree
from fileshare.models import SharedDocument
from fileshare.paging import SORTS, Slice, Sort
from fileshare.services import addresses, own_papers
from members import audit
from members.enums import Action

if TYPE_CHECKING:
    import datetime

    from fileshare.models.document import SharedDocumentQuerySet
    from fileshare.views.types import SignedInRequest


def tree_context(tree: FolderTree, node: FolderNode | None, view: str = LIST) -> dict[str, Any]:
    """What the folders in the margin show."""
    tree.mark_current(node)
    return {
        "tree": tree.top,
        "total": tree.total,
        "folder_query": f"?view={view}" if view != DEFAULTS["view"] else "",
        "breadcrumbs": folders.breadcrumbs(node),
    }


def _shown(papers: SharedDocumentQuerySet, sort: Sort, place: str, last_visit: datetime.datetime | None) -> Slice:
    shown = paging.slice_of(papers, sort, place, last_visit)
    for paper in shown.papers:
        paper.picture = previews.in_lists(paper)
    return shown


def _listing(request: SignedInRequest, tree: FolderTree, node: FolderNode | None) -> HttpResponse:
    last_visit = own_papers.note_visit(by=request.user)
    visible = SharedDocument.objects.visible_to(request.user)
    form = BrowseForm(request.GET, user=request.user, tree=tree, papers=visible, last_visit=last_visit)
    form.is_valid()
    papers = form.apply(visible if node is None else visible.in_folder(node.collection_id))
    shown = _shown(papers, SORTS[form.chosen("sort")], request.GET.get("page", ""), last_visit)
    in_all = node.own_count if node else tree.total
    takes = (
        node is not None
        and node.takes_contributions
        and access.folders_to_contribute_to(request.user).filter(pk=node.collection_id).exists()
    )
    return render(
        request,
        "fileshare/folder.html",
        {
            **tree_context(tree, node, form.chosen("view")),
            "folder": node,
            "title": node.name if node else "All papers",
            "description": node.description if node else "",
            "contribute_url": reverse("fileshare:bring", args=[node.path]) if node and takes else "",
            "form": form,
            "shown": shown,
            "is_grid": form.chosen("view") == GRID,
            "in_all": in_all,
            "count": papers.count() if form.filters else in_all,
            "papers_below": node.count - node.own_count if node else 0,
        },
    )


def _may_look_around(request: SignedInRequest, tree: FolderTree) -> bool:
    return bool(tree.total) or request.user.is_current_member


@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """All papers that the person may read; for somebody without a current membership, why there are none."""
    tree = folders.tree_for(request.user)
    if not _may_look_around(request, tree):
        return render(request, "fileshare/no_access.html", {"title": "Files"})
    return _listing(request, tree, None)


@require_safe
def show(request: SignedInRequest, path: str) -> HttpResponse:
    """One folder: its own papers, with the folders below in the tree. A former address leads to the present one."""
    tree = folders.tree_for(request.user)
    may_look = _may_look_around(request, tree)
    node = tree.at(path) if may_look else None
    if node is not None:
        return _listing(request, tree, node)
    moved = tree.of_collection(addresses.collection_at(path) or 0) if may_look else None
    if moved is None:
        audit.record(
            Action.REFUSED, actor=request.user, object_kind="address", object_id=path, reason=Refusal.UNKNOWN.value
        )
        raise Http404("No such folder.")
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(f"{moved.url}?{query}" if query else moved.url)


def _own_list(request: SignedInRequest, papers: SharedDocumentQuerySet, sort: Sort, **words: str) -> HttpResponse:
    tree = folders.tree_for(request.user)
    if not _may_look_around(request, tree):
        return render(request, "fileshare/no_access.html", {"title": "Files"})
    last_visit = own_papers.note_visit(by=request.user)
    shown = _shown(papers, sort, request.GET.get("page", ""), last_visit)
    return render(request, "fileshare/own_papers.html", {**tree_context(tree, None), "shown": shown, **words})


@require_safe
def saved(request: SignedInRequest) -> HttpResponse:
    """What the person has put aside, as far as it may still be read."""
    papers = SharedDocument.objects.visible_to(request.user).filter(saved_by__user=request.user)
    return _own_list(request, papers, paging.BY_SAVING, title="Saved papers", own="saved")


@require_safe
def recent(request: SignedInRequest) -> HttpResponse:
    """What the person has read, the last first, as far as it may still be read."""
    papers = SharedDocument.objects.visible_to(request.user).filter(read_by__user=request.user)
    return _own_list(request, papers, paging.BY_READING, title="Recently read", own="recent")


def unknown(request: HttpRequest, path: str) -> HttpResponse:
    """Anything else under /files/ does not exist, for whoever is signed in."""
    raise Http404(f"Nothing at {path}.")
