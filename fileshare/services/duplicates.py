"""Whether a file is here already, as far as the person who brings it may know.

A paper that the person neither reads nor may change is not told of: whoever has a file would learn that it is here.
Nor is a version that the paper's readers do not get, but to those who may change the paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse

from fileshare import access
from fileshare.models import DocumentVersion, SharedDocument

if TYPE_CHECKING:
    from members.models import User

MOST_TOLD = 3


@dataclass(frozen=True)
class Twin:
    """A paper with the same file. `url` is its form where the person may change it, else its page."""

    paper: SharedDocument
    number: int
    url: str


def known_to(person: User, sha256: str, *, besides: SharedDocument | None = None) -> list[Twin]:
    """Papers that have, or once had, the very file with this sum, `besides` left out; the newest first."""
    same = DocumentVersion.objects.filter(sha256=sha256).exclude(document=besides and besides.pk)
    papers = SharedDocument.objects.filter(pk__in=same.values("document")).order_by()
    changed = papers.filter(access.may_change_condition(person)).values("pk")
    read = Q(document__in=papers.visible_to(person).values("pk")) & access.version_condition()
    known = same.filter(read | Q(document__in=changed))
    mine = set(changed.values_list("pk", flat=True))
    twins: dict[int, Twin] = {}
    for version in known.select_related("document__collection__folder").order_by("-pk"):
        paper = version.document
        url = reverse("wagtaildocs:edit", args=[paper.pk]) if paper.pk in mine else paper.get_absolute_url()
        twins.setdefault(paper.pk, Twin(paper, version.number, url))
    return list(twins.values())[:MOST_TOLD]
