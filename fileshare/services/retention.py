"""How long papers are kept: owners hear of the review date, and files are destroyed when the folder's rule says so.

Run by `manage.py run_due`. A file goes in two steps. First the row says, with the record, that the file is destroyed:
from that commit on nobody gets it. Then the store lets go of the bytes, and only then does the row forget their keys:
whatever breaks off in between is found again by the next run.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from wagtail.permissions import policy_registry

from fileshare.models import Derivation, DocumentVersion, Folder, PageText, SharedDocument
from fileshare.models.derivation import NOTHING_STORED
from fileshare.services import publish
from members import audit, mail
from members.enums import Action

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from members.models import User

# One run's share: a few seconds. What is left waits for the next run, a minute later.
AT_ONCE = 200


def set_review(
    *, document: SharedDocument, by: User | None, review_on: datetime.date | None, owner: User | None
) -> None:
    """Say who looks after a paper and when it is to be looked at next. The same again changes nothing."""
    if (document.review_on, document.owner) == (review_on, owner):
        return
    document.review_on, document.owner = review_on, owner
    with transaction.atomic():
        document.save(update_fields=["review_on", "owner"])
        begin_anew(document)
        publish.record_change(
            document=document, by=by, fields=["owner", "review_on"], marking_before=document.marking
        )  # fmt: skip


def begin_anew(document: SharedDocument) -> None:
    """Another date or another owner: that one is told when the day comes."""
    document.review_is_told = False
    document.save(update_fields=["review_is_told"])


def tell_owners() -> None:
    """Whose paper is due for review gets a mail, once for each date. Somebody who may no longer change the paper is not
    told of it; the list of papers to review shows it to its editors all the same."""
    due = SharedDocument.objects.filter(
        review_on__lte=timezone.localdate(), owner__isnull=False, review_is_told=False
    )  # fmt: skip
    for key in list(due.order_by("review_on", "pk").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            _tell(due.filter(pk=key).select_for_update(no_key=True, of=("self",)).select_related("owner").first())


def _tell(paper: SharedDocument | None) -> None:
    if paper is None or paper.owner is None:
        return  # it has another date, or another run has had it, since we asked
    paper.review_is_told = True
    paper.save(update_fields=["review_is_told"])
    policy = policy_registry.get_by_type(SharedDocument)
    if paper.owner.is_active and policy.user_has_permission_for_instance(paper.owner, "change", paper):
        mail.post(
            to=paper.owner,
            occasion=f"paper {paper.pk} review {paper.owner.pk} {paper.review_on}",
            template="paper_due_for_review",
            context={"paper": paper, "address": f"{settings.BASE_URL}{reverse('wagtaildocs:edit', args=[paper.pk])}"},
        )


def _past_keeping(days: int) -> QuerySet[DocumentVersion]:
    """Files that a rule of so many days lets go: the paper expired so long ago, and the file had come by then. (A file
    that is brought to an expired paper is kept as long.)"""
    before = timezone.now() - datetime.timedelta(days=days)
    return DocumentVersion.objects.filter(destroyed_at=None, created_at__lte=before, document__expires_at__lte=before)


def due_in(folder: Folder, days: int | None) -> QuerySet[SharedDocument]:
    """Papers of the folder whose files such a rule would destroy now; none without a rule."""
    papers = SharedDocument.objects.filter(collection=folder.pk)
    return papers.none() if days is None else papers.filter(_has(_past_keeping(days)))


def destroyed_at_once(paper: SharedDocument, *, folder_id: int, expires_at: datetime.datetime | None) -> str:
    """Why the paper cannot have this expiry in this folder, as a sentence, or "": the folder's rule would let go of
    its files with the next run, and nothing would bring them back from a slip of the finger."""
    if expires_at is None or expires_at > timezone.now() - datetime.timedelta(days=1):  # no rule is shorter
        return ""
    days = Folder.objects.filter(pk=folder_id).values_list("destroy_after_days", flat=True).first()
    before = timezone.now() - datetime.timedelta(days=days or 0)
    due = paper.versions.filter(destroyed_at=None, created_at__lte=before)
    if days is None or expires_at > before or not due.exists():
        return ""
    many = "1 day" if days == 1 else f"{days} days"
    return (
        f"“{paper.title}” would lose its files within a minute: that folder destroys them {many} after a paper "
        "expires. Give it a later expiry first, or delete it if that is meant."
    )


def _has(versions: QuerySet[DocumentVersion]) -> Q:
    return Q(Exists(versions.filter(document=OuterRef("pk"))))


def destroy_expired() -> None:
    """What the folders' rules let go by now."""
    left = AT_ONCE
    for folder in Folder.objects.filter(destroy_after_days__isnull=False).order_by("pk"):
        due = due_in(folder, folder.destroy_after_days)
        for key in list(due.order_by("expires_at", "pk").values_list("pk", flat=True)[:left]):
            left -= destroy(document_id=key)


@transaction.atomic
def destroy(*, document_id: int) -> int:
    """Destroy those files of a paper that its folder's rule lets go, if it still does. Returns how many papers: 1 or 0.

    The paper stays, with size and SHA-256 of each version; the text that was read from the files goes at once.
    """
    document = SharedDocument.objects.select_for_update(no_key=True).filter(pk=document_id).first()
    folder = Folder.objects.filter(pk=document.collection_id).first() if document else None
    if document is None or folder is None or folder.destroy_after_days is None:
        return 0
    due = (
        _past_keeping(folder.destroy_after_days).filter(document=document).select_for_update(no_key=True, of=("self",))
    )
    numbers = {version.pk: version.number for version in due.order_by("number")}
    if not numbers:
        return 0
    DocumentVersion.objects.filter(pk__in=numbers).update(destroyed_at=timezone.now())
    PageText.objects.filter(version__in=numbers).delete()
    Derivation.objects.filter(version__in=numbers).update(title="", author="", dated=None, language="", note="")
    audit.record(
        Action.DESTROYED, actor=None, object_kind="document", object_id=document.uuid,
        versions=list(numbers.values()), days=folder.destroy_after_days, folder=folder.pk,
    )  # fmt: skip
    publish.announce(document)
    return 1


def remove_destroyed() -> None:
    """The bytes of destroyed files, and what was made of them, leave the store. Raises what the store raises when it is
    away: the rows still name what is left, so that the next run finds it."""
    left = DocumentVersion.objects.filter(destroyed_at__isnull=False).exclude(file="").select_related("derivation")
    for version in left.order_by("pk")[:AT_ONCE]:
        derivation = getattr(version, "derivation", None)
        for key in (str(version.file.name), *(derivation.keys if derivation else ())):
            default_storage.delete(key)
        with transaction.atomic():
            DocumentVersion.objects.filter(pk=version.pk).update(file="")
            Derivation.objects.filter(pk=version.pk).update(**NOTHING_STORED)
