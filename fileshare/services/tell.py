"""Which papers members are to hear of now: those that somebody wants told, as soon as they may be read."""

from __future__ import annotations

from django.db import transaction

from fileshare import access
from fileshare.enums import Telling
from fileshare.models import Folder, SharedDocument

# One run's share; what is left waits for the next run, a minute later.
AT_ONCE = 200


def silent_folders() -> set[int]:
    """Numbers of those that tell nobody of new papers, as it stands now."""
    return set(Folder.objects.filter(tells_members=False).values_list("pk", flat=True))


def is_wanted(paper: SharedDocument, silent: set[int]) -> bool:
    """Whether members are still to hear of it, by the paper's choice or its folder's."""
    return paper.telling == Telling.YES or (paper.telling == Telling.FOLDER and paper.collection_id not in silent)


@transaction.atomic
def take_due() -> list[SharedDocument]:
    """Papers that are out and wait to be told of; each is given once, with the transaction of whoever asks.

    A folder's setting counts as it stands now: a paper that leaves it to a folder which tells nobody is done with.
    """
    due = SharedDocument.objects.filter(access.published_condition(), telling__in=(Telling.FOLDER, Telling.YES))
    papers = list(due.select_for_update(no_key=True, of=("self",)).order_by("publish_at", "pk")[:AT_ONCE])
    silent = silent_folders()
    told = [paper for paper in papers if is_wanted(paper, silent)]
    keys = {paper.pk for paper in told}
    SharedDocument.objects.filter(pk__in=keys).update(telling=Telling.TOLD)
    held = [paper.pk for paper in papers if paper.pk not in keys]
    SharedDocument.objects.filter(pk__in=held).update(telling=Telling.NO)
    return told
