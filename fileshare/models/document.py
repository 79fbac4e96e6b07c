"""A shared document: a paper with its facts, its versions and its place in the folders."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from wagtail.documents.models import AbstractDocument
from wagtail.search import index
from wagtail.search.queryset import SearchableQuerySetMixin

from fileshare import access, languages
from fileshare.enums import READ_AS, Change, Inspection, Kind, PaperState, Review, Telling
from fileshare.markings import INFO, MUST_BE_A_PLAIN_PDF, TITLE_MAY_BE_PUBLIC, Marking, MarkingInfo
from fileshare.storage import new_key
from members.models import Organisation

if TYPE_CHECKING:
    import datetime

    from django.contrib.auth.models import AnonymousUser

    from fileshare.models.version import DocumentVersion
    from fileshare.previews import Picture
    from members.models import User


NOT_OUT: dict[str, PaperState] = {
    Inspection.QUARANTINED: PaperState.QUARANTINED,
    Inspection.UNSCANNED: PaperState.UNSCANNED,
}
IN_REVIEW = {Review.WAITING: PaperState.IN_REVIEW, Review.DECLINED: PaperState.DECLINED}


class SharedDocumentQuerySet(SearchableQuerySetMixin, models.QuerySet["SharedDocument"]):
    """Chainable adjectives; `visible_to` is the one that every reader's surface starts from."""

    def visible_to(self, user: User | AnonymousUser, now: datetime.datetime | None = None) -> SharedDocumentQuerySet:
        """What this person may read (`fileshare.access`)."""
        return self.filter(access.visible_condition(user, now))

    def visible_to_any_member(self) -> SharedDocumentQuerySet:
        """What every current member may read, whoever it is."""
        return self.filter(access.any_member_condition())

    def mentionable_in_public(self) -> SharedDocumentQuerySet:
        """What a public post may say exists; the title only where `title_may_be_public`."""
        return self.filter(access.public_mention_condition())

    def with_facts(self) -> SharedDocumentQuerySet:
        """Fetches what a row of a list shows of a published paper in the same query."""
        return self.select_related("current_version__derivation", "source", "collection__folder", "contributed_by")

    def in_folder(self, collection_id: int) -> SharedDocumentQuerySet:
        """Those that lie in the folder itself, not in those inside it."""
        return self.filter(collection=collection_id)

    def new_since(self, moment: datetime.datetime) -> SharedDocumentQuerySet:
        """Those that have news for somebody who was last here at this moment."""
        came, changed = self._news_conditions(moment)
        return self.filter(came | changed)

    def with_news(self, moment: datetime.datetime | None) -> SharedDocumentQuerySet:
        """Each with `news`, for somebody who was last here at this moment: "New", "Updated", or "" where there is none,
        as for somebody who never was."""
        if moment is None:
            return self
        came, changed = self._news_conditions(moment)
        return self.annotate(
            news=Case(When(came, then=Value("New")), When(changed, then=Value("Updated")), default=Value(""))
        )

    def _news_conditions(self, moment: datetime.datetime) -> tuple[Q, Q]:
        """Whether a paper came after this moment, and whether its file changed: a small correction is no news, but the
        first file that could be read is, whatever its editor called it."""
        versions = self.model.versions.rel.related_model.objects.filter(inspection=Inspection.PASSED)  # type: ignore[attr-defined]  # a descriptor
        is_first = ~Exists(versions.filter(document=OuterRef("document"), number__lt=OuterRef("number")))
        since = versions.filter(created_at__gt=moment)
        first, changed = since.filter(is_first), since.exclude(change=Change.MINOR)
        return (
            Q(publish_at__gt=moment) | Q(pk__in=first.values("document")),
            Q(pk__in=changed.values("document")),
        )

    def unread_by(self, user: User) -> SharedDocumentQuerySet:
        """Those that the person has neither opened nor fetched."""
        return self.exclude(read_by__user=user.pk)

    def saved_or_not_by(self, user: User) -> SharedDocumentQuerySet:
        """Each with `is_saved`: whether the person has put it aside."""
        saved = self.model.objects.filter(pk=OuterRef("pk"), saved_by__user=user.pk)
        return self.annotate(is_saved=Exists(saved))

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
    language = models.CharField(
        max_length=35, blank=True, help_text="What the paper is written in. Empty: what the file itself says."
    )
    acknowledge_by = models.DateField(
        "to be confirmed by",
        null=True,
        blank=True,
        help_text="Members are asked to confirm by this day that they have read the paper. Empty: nobody is asked.",
    )
    acknowledge_from = models.PositiveIntegerField(
        default=1, editable=False, help_text="The version from which on a confirmation counts."
    )
    review_on = models.DateField(
        "review date",
        null=True,
        blank=True,
        db_index=True,
        help_text="On this day the owner is asked by mail whether the paper still holds. Empty: nobody is asked.",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL,
        related_name="papers_in_care",
    )  # fmt: skip
    review_is_told = models.BooleanField(
        default=False, editable=False, help_text="Whether this owner has had the mail for this review date."
    )
    contributed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL,
        related_name="contributions",
    )  # fmt: skip
    review = models.CharField(max_length=8, choices=Review, blank=True, default=Review.NONE, editable=False)
    contributor_note = models.CharField(max_length=500, blank=True, editable=False, help_text="For the editors.")
    review_note = models.CharField(max_length=200, blank=True, editable=False, help_text="For who brought it.")
    telling = models.CharField(
        "telling members",
        max_length=6,
        choices=Telling,
        default=Telling.NO,
        help_text="Whether members hear of it when they may read it, never before.",
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawal_reason = models.CharField(max_length=200, blank=True, editable=False)
    # How many people have read it, kept by `services.own_papers` so that lists can be in its order.
    readers = models.PositiveIntegerField(default=0, editable=False)

    # For the person who looks: what `with_news` and `saved_or_not_by` say; the first page, where lists may show it.
    news = ""
    is_saved = False
    picture: Picture | None = None

    objects: ClassVar[SharedDocumentQuerySet] = SharedDocumentQuerySet.as_manager()  # type: ignore[assignment]

    admin_form_fields = (
        "title",
        "file",
        "collection",
        "description",
        "source",
        "original_date",
        "language",
        "marking",
        "caveat",
        "publish_at",
        "expires_at",
        "telling",
        "acknowledge_by",
        "review_on",
    )
    search_fields: ClassVar[list[index.BaseField]] = [
        *AbstractDocument.search_fields,
        index.SearchField("description"),
        index.FilterField("marking"),
    ]

    class Meta(AbstractDocument.Meta):
        verbose_name = "paper"
        verbose_name_plural = "papers"
        indexes = [
            models.Index(fields=["collection", "-publish_at", "-id"], name="papers_of_a_folder"),
            # All that decides whether a paper is out, for counting without reading the papers themselves.
            models.Index(
                fields=[
                    "collection",
                    "marking",
                    "review",
                    "publish_at",
                    "expires_at",
                    "withdrawn_at",
                    "current_version",
                    "id",
                ],
                name="papers_to_count",
            ),
            models.Index(fields=["-publish_at", "-id"], name="papers_by_publication"),
            models.Index(fields=["expires_at"], name="papers_to_expire", condition=Q(expires_at__isnull=False)),
            models.Index(Lower("title"), "id", name="papers_by_title"),
            models.Index(fields=["-readers", "-id"], name="papers_by_readers"),
            models.Index(
                fields=["publish_at", "id"],
                name="papers_to_tell_of",
                condition=Q(telling__in=[Telling.FOLDER, Telling.YES]),
            ),
            models.Index(
                fields=["acknowledge_by", "id"], name="papers_to_confirm", condition=Q(acknowledge_by__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("publish_at")),
                name="paper_expires_after_publication",
                violation_error_message="The expiry must be later than the publication.",
            ),
            models.CheckConstraint(condition=Q(review__in=Review.values), name="paper_review_is_known"),
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
    def read_url(self) -> str:
        """Where it is read in the browser; "" for a kind that is only downloaded, and for a file that is destroyed."""
        version = self.current_version
        if version is None or version.destroyed_at is not None or version.kind not in READ_AS:
            return ""
        return reverse("fileshare:read", args=[self.uuid])

    @property
    def marking_info(self) -> MarkingInfo:
        return INFO[Marking(self.marking)]

    @property
    def is_stamped(self) -> bool:
        """Whether each reader gets a copy of the own."""
        return self.marking in MUST_BE_A_PLAIN_PDF

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
    def language_code(self) -> str:
        """What the editor said, else what the file says of itself."""
        derivation = getattr(self.newest_version, "derivation", None)
        return self.language or (derivation.language if derivation is not None else "")

    @property
    def language_name(self) -> str:
        return languages.name_of(self.language_code)

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
    def is_destroyed(self) -> bool:
        """Whether the file is gone for good; the paper and the facts of its versions stay."""
        newest = self.newest_version
        return newest is not None and newest.destroyed_at is not None

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    def state_at(self, now: datetime.datetime) -> PaperState:
        """The first reason why members do not see the paper at this time, or PUBLISHED."""
        newest = self.newest_version
        if newest is not None and newest.destroyed_at is not None:
            return PaperState.DESTROYED
        if self.withdrawn_at is not None:
            return PaperState.WITHDRAWN
        if self.current_version is None:
            return NOT_OUT.get(newest.inspection if newest is not None else "", PaperState.WAITING)
        if self.review in IN_REVIEW:
            return IN_REVIEW[Review(self.review)]
        if now < self.publish_at:
            return PaperState.EMBARGOED
        is_over = self.expires_at is not None and now >= self.expires_at
        return PaperState.EXPIRED if is_over else PaperState.PUBLISHED

    @property
    def state(self) -> PaperState:
        return self.state_at(timezone.now())

    @property
    def state_label(self) -> str:
        return str(self.state.label)

    def is_stored_locally(self) -> bool:
        """No, even where it is: Wagtail would look for a file that is destroyed, and call for deleting the paper."""
        return False

    def get_file_size(self) -> int | None:
        """Bytes; known from the upload, so that no page ever asks the store."""
        return self.file_size

    def get_file_hash(self) -> str:
        """Nothing: Wagtail's SHA-1 would serve as an address for guessing; versions keep their SHA-256."""
        return ""

    def _set_document_file_metadata(self) -> None:
        """Nothing to do: `services.upload` measures a file while it is stored."""
