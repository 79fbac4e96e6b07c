"""Members bring papers, and see what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.models import Collection

from fileshare import access, folders
from fileshare.contribution_form import ContributionForm, why_not
from fileshare.models import SharedDocument
from fileshare.services import addresses, duplicates, upload
from fileshare.services import contribute as services
from fileshare.services.duplicates import Twin
from members import limits

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from fileshare.folders import FolderNode
    from fileshare.views.types import SignedInRequest
    from members.models import User

MOST_SHOWN = 200
BUSY = "You have brought very many papers within the hour. Please bring the rest {when}."


@dataclass(frozen=True)
class Twice:
    """A file, and papers that have it already."""

    file: UploadedFile[Any]
    twins: list[Twin]


@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """Where this member may bring papers, and what became of those brought before."""
    tree = folders.tree_for(request.user)
    taking = set(access.folders_to_contribute_to(request.user).values_list("pk", flat=True))
    mine = SharedDocument.objects.filter(contributed_by=request.user).select_related("collection__folder")
    return render(
        request,
        "fileshare/contributions.html",
        {
            "folders": [node for node in tree if node.collection_id in taking],
            "contributions": list(mine.prefetch_related("versions").order_by("-pk")[:MOST_SHOWN]),
            "tree": tree.top,
            "total": tree.total,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: SignedInRequest, path: str) -> HttpResponse:
    """Papers for one folder. A folder that takes none from this person does not exist here; one that has moved
    takes them at its former address too, from a form that was open meanwhile."""
    tree = folders.tree_for(request.user)
    node = addresses.node_at(tree, path)
    if node is None:
        raise Http404("No such folder.")
    folder = access.folders_to_contribute_to(request.user).filter(pk=node.collection_id).first()
    if folder is None:
        raise Http404("This folder takes no papers from this person.")
    tree.mark_current(node)
    form = ContributionForm(request.POST or None, request.FILES or None)
    if upload.takes_zips(node.collection_id):
        form.fields["papers"].help_text += " This folder takes zip archives as well."
    status, twice = 200, list[Twice]()
    if request.method == "POST":
        status, twice = _bring(request, form, node)
        if status == 200:
            return redirect("fileshare:contribute")
    if not twice:
        del form.fields["same_file_too"]
    return render(
        request,
        "fileshare/contribute.html",
        {
            "form": form,
            "twice": twice,
            "folder": node,
            "tree": tree.top,
            "total": tree.total,
            "breadcrumbs": folders.breadcrumbs(node),
        },
        status=status,
    )


def _bring(request: SignedInRequest, form: ContributionForm, node: FolderNode) -> tuple[int, list[Twice]]:
    """200 when every file is in; otherwise the status of the form's page, which says which are not and why. With those
    that wait for a word, since the member can read the very same here."""
    if not form.is_valid():
        return 400, []
    files = form.cleaned_data["papers"]
    twice = [] if form.cleaned_data["same_file_too"] else _known(request.user, files)
    known = [each.file for each in twice]
    sentences = [_bring_one(request, form, node, file) for file in files if file not in known]
    refused = [sentence for sentence in sentences if sentence]
    arrived = len(sentences) - len(refused)
    if arrived:
        count = "Your paper has" if arrived == 1 else f"Your {arrived} papers have"
        messages.success(request, f"Thank you. {count} arrived in “{node.name}” and will be looked at by an editor.")
    for sentence in refused:
        form.add_error("papers", sentence)
    if not refused and not twice:
        return 200, []
    return 429 if limits.is_reached(request) else 400, twice


def _known(member: User, files: list[UploadedFile[Any]]) -> list[Twice]:
    """Those files that are the very same as papers which the member may see."""
    twins = [duplicates.known_to(member, upload.sums_of(file).sha256) for file in files]
    return [Twice(file, found) for file, found in zip(files, twins, strict=True) if found]


def _bring_one(request: SignedInRequest, form: ContributionForm, node: FolderNode, file: UploadedFile[Any]) -> str:
    """Why this file is not in, as a sentence; else ""."""
    if sentence := why_not(file, node.collection_id):
        return sentence
    if not limits.allows(request, "contribute", user=request.user):
        return BUSY.format(when=limits.when(request))
    try:
        services.contribute(
            folder=Collection.objects.get(pk=node.collection_id),
            by=request.user,
            file=file,
            name=file.name or "",
            title=form.title_of(file),
            description=form.cleaned_data["description"],
            note=form.cleaned_data["note"],
        )
    except ValidationError as refusal:
        return str(refusal.messages[0])
    return ""
