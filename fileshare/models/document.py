"""A shared document: a paper with its facts, its versions and its place in the folders."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from wagtail.documents.models import AbstractDocument
from wagtail.search import index
from wagtail.search.queryset import SearchableQuerySetMixin

from fileshare import access
from fileshare.enums import Inspection, Kind, PaperState
from fileshare.markings import INFO, TITLE_MAY_BE_PUBLIC, Marking, MarkingInfo
from fileshare.storage import new_key
from members.models import Organisation

if TYPE_CHECKING:
    import datetime

    from django.contrib.auth.models import AnonymousUser

    from fileshare.models.version import DocumentVersion
    from members.models import User


class SharedDocumentQuerySet(SearchableQuerySetMixin, models.QuerySet["SharedDocument"]):
    """Chainable adjectives; `visible_to` is the one that every reader's surface starts from."""

    def visible_to(self, user: User | AnonymousUser) -> SharedDocumentQuerySet:
        """What this person may read (`fileshare.access`)."""
        return self.filter(access.visible_condition(user))

    def visible_to_any_member(self) -> SharedDocumentQuerySet:
        """What every current member may read, whoever it is."""
        return self.filter(access.any_member_condition())

    def mentionable_in_public(self) -> SharedDocumentQuerySet:
        """What a public post may say exists; the title only where `title_may_be_public`."""
        return self.filter(access.public_mention_condition())

    def with_facts(self) -> SharedDocumentQuerySet:
        """Fetches what a row of a list shows of a published paper in the same query."""
        return self.select_related("current_version", "source", "collection__folder")

    def newest_first(self) -> SharedDocumentQuerySet:
        return self.order_by("-publish_at", "-pk")


class SharedDocument(AbstractDocument):
    """A paper. Readers get `current_version`; `file` names the newest file that an editor brought."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # On the default, private storage under a random key; the form and the services write it, nothing else does.
    file = models.FileField(upload_to=new_key, max_length=200, verbose_name="file")
    current_version: models.ForeignKey[DocumentVersion | None, DocumentVersion | None] = models.ForeignKey(
        "fileshare.DocumentVersion", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    description = models.TextField(blank=True, help_text="What the paper is about, in two or three sentences.")
    source = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="papers",
        verbose_name="source organisation",
        help_text="Who wrote or issued the paper.",
    )
    original_date = models.DateField(
        "date of the original", null=True, blank=True, help_text="The date printed on the paper."
    )
    marking = models.CharField(max_length=16, choices=Marking, default=Marking.GREEN, db_index=True)
    caveat = models.CharField(
        max_length=120, blank=True, help_text="A marking of its origin, such as OFFICIAL; shown beside the TLP label."
    )
    recipients = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    publish_at = models.DateTimeField(
        "publication",
        default=timezone.now,
        db_index=True,
        help_text="Before this time nobody but the editors of its folder can tell that the paper exists.",
    )
    expires_at = models.DateTimeField(
        "expiry", null=True, blank=True, help_text="From this time on members cannot see it. Empty: never."
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawal_reason = models.CharField(max_length=200, blank=True, editable=False)

    objects: ClassVar[SharedDocumentQuerySet] = SharedDocumentQuerySet.as_manager()  # type: ignore[assignment]

    admin_form_fields = (
        "title",
        "file",
        "collection",
        "description",
        "source",
        "original_date",
        "marking",
        "caveat",
        "publish_at",
        "expires_at",
    )
    search_fields: ClassVar[list[index.BaseField]] = [
        *AbstractDocument.search_fields,
        index.SearchField("description"),
        index.FilterField("marking"),
    ]

    class Meta(AbstractDocument.Meta):
        verbose_name = "paper"
        verbose_name_plural = "papers"
        indexes = [models.Index(fields=["collection", "-publish_at", "-id"], name="papers_of_a_folder")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("publish_at")),
                name="paper_expires_after_publication",
                violation_error_message="The expiry must be later than the publication.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        return reverse("fileshare:document", args=[self.uuid])

    def clean(self) -> None:
        """Nothing: Wagtail's own looks for an extension in the object's key; `inspection.formats` judges files."""

    # Wagtail asks these two of a document: our page, which asks the policy, and the name that people know.
    @property
    def url(self) -> str:
        return self.get_absolute_url()

    @property
    def filename(self) -> str:
        return self.file_name

    @property
    def download_url(self) -> str:
        return reverse("fileshare:download", args=[self.uuid])

    @property
    def marking_info(self) -> MarkingInfo:
        return INFO[Marking(self.marking)]

    @property
    def title_may_be_public(self) -> bool:
        return self.marking in TITLE_MAY_BE_PUBLIC

    @property
    def newest_version(self) -> DocumentVersion | None:
        """What readers get; where that is nothing yet, the newest file that arrived, for editors."""
        return self.current_version or max(self.versions.all(), key=lambda version: version.number, default=None)

    @property
    def file_name(self) -> str:
        return self.newest_version.file_name if self.newest_version else ""

    @property
    def kind_label(self) -> str:
        return str(Kind(self.newest_version.kind).label) if self.newest_version else ""

    @property
    def pages(self) -> int | None:
        return self.newest_version.pages if self.newest_version else None

    @property
    def size(self) -> int:
        return self.newest_version.size if self.newest_version else 0

    @property
    def sha256(self) -> str:
        return self.newest_version.sha256 if self.newest_version else ""

    @property
    def folder_name(self) -> str:
        return "" if self.collection.is_root() else str(self.collection.name)

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    def state_at(self, now: datetime.datetime) -> PaperState:
        """The first reason why members do not see the paper at this time, or PUBLISHED."""
        if self.withdrawn_at is not None:
            return PaperState.WITHDRAWN
        if self.current_version is None:
            newest = self.newest_version
            held = newest is not None and newest.inspection == Inspection.QUARANTINED
            return PaperState.QUARANTINED if held else PaperState.WAITING
        if now < self.publish_at:
            return PaperState.EMBARGOED
        if self.expires_at is not None and now >= self.expires_at:
            return PaperState.EXPIRED
        return PaperState.PUBLISHED

    @property
    def state(self) -> PaperState:
        return self.state_at(timezone.now())

    @property
    def state_label(self) -> str:
        return str(self.state.label)

    def get_file_size(self) -> int | None:
        """Bytes; known from the upload, so that no page ever asks the store."""
        return self.file_size

    def get_file_hash(self) -> str:
        """Nothing: Wagtail's SHA-1 would serve as an address for guessing; versions keep their SHA-256."""
        return ""

    def _set_document_file_metadata(self) -> None:
        """Nothing to do: `services.upload` measures a file while it is stored."""
