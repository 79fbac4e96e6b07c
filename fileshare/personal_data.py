"""What the file share keeps about a person (see `members.personal`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from fileshare.models import DocumentVersion, SharedDocument
from members.personal import Fate, register, register_forgetting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from members.models import User
    from members.personal import Leaver, Row


def _recipient(user: User) -> Iterable[Row]:
    """Papers that name the person, as far as the person may read them today."""
    named = SharedDocument.objects.visible_to(user).filter(recipients=user).order_by("pk")
    return named.annotate(address=F("uuid")).values("address", "title")


def _uploads(user: User) -> Iterable[Row]:
    return (
        DocumentVersion.objects.filter(created_by=user)
        .order_by("pk")
        .values("document__uuid", "number", "file_name", "size", "sha256", "note", "created_at")
    )


def _contributions(user: User) -> Iterable[Row]:
    return (
        SharedDocument.objects.filter(contributed_by=user)
        .order_by("pk")
        .values("uuid", "title", "created_at", "review", "contributor_note", "review_note")
    )


def _in_care(user: User) -> Iterable[Row]:
    """Papers that name the person as their owner, as far as the person may read them today."""
    owned = SharedDocument.objects.visible_to(user).filter(owner=user).order_by("pk")
    return owned.annotate(address=F("uuid")).values("address", "title", "review_on")


def _forget(leaver: Leaver) -> None:
    """What the person and the editors wrote to each other about papers that the person brought."""
    SharedDocument.objects.filter(contributed_by=leaver.user).update(contributor_note="", review_note="")


def register_all() -> None:
    """Called once, when the apps are ready."""
    register("fileshare.SharedDocument_recipients.user", Fate.GOES, file="papers-for-you", rows=_recipient)
    register("fileshare.DocumentVersion.created_by", Fate.NAMELESS, file="files-you-brought", rows=_uploads)
    register("fileshare.SharedDocument.contributed_by", Fate.NAMELESS, file="papers-you-brought", rows=_contributions)
    register("fileshare.SharedDocument.owner", Fate.NAMELESS, file="papers-in-your-care", rows=_in_care)
    register(
        "fileshare.Acknowledgement.user", Fate.GOES, file="papers-you-confirmed",
        columns=["document__uuid", "version__number", "at"],
    )  # fmt: skip
    register("fileshare.ReadPaper.user", Fate.GOES, file="papers-you-read-last", columns=["document__uuid", "last_at"])
    register("fileshare.SavedPaper.user", Fate.GOES, file="papers-you-saved", columns=["document__uuid", "saved_at"])
    register(
        "fileshare.TermsAcceptance.user", Fate.GOES, file="terms-you-accepted",
        columns=["version__document__uuid", "version__number", "terms__number", "terms__text", "at"],
    )  # fmt: skip
    register(
        "fileshare.StampedCopy.user", Fate.NUMBER, file="copies-with-your-name",
        columns=["number", "document_uuid", "version_number", "made_at", "sha256"],
    )  # fmt: skip
    register("fileshare.HandlingTerms.made_by", Fate.NAMELESS, file="terms-you-wrote", columns=["number", "made_at"])
    register("fileshare.Visit.user", Fate.GOES, file="visits-to-the-files", columns=["last_at", "before_at"])
    register_forgetting(_forget)
    register(
        "fileshare.SharedDocument.uploaded_by_user",
        Fate.NAMELESS,
        why_not="The person's files are in “files-you-brought”.",
    )
    register("wagtaildocs.Document.uploaded_by_user", Fate.NAMELESS, why_not="The site has no such documents.")
