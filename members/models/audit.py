"""The access record: who opened, downloaded, was refused, changed what. Rows are added and never touched again."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone

from members import chain
from members.enums import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from members.record_words import Words

AT_ONCE = 500  # rows


class AppendOnly(TypeError):
    """Somebody tried to change or remove a row of the access record."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Rows of the access record cannot be changed.")

    def delete(self) -> NoReturn:
        raise AppendOnly("Rows of the access record cannot be removed.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Rows of the access record cannot be changed.")

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Rows of the access record are written by `members.audit` alone.")

    def append(self, rows: Iterable[AccessRecord]) -> None:
        """Add new rows, some hundred in a statement. For `members.audit.record_many`."""
        super().bulk_create((row.with_content() for row in rows), batch_size=AT_ONCE)


class AppendOnlyModel(models.Model):
    """Its rows are added and never touched again. Triggers in the database say so too, to whoever asks past the models
    (`migrations/0003_record_is_append_only.py`)."""

    objects = AppendOnlyQuerySet.as_manager()
    # Wagtail would have the worker look for references to pages and papers after each row.
    wagtail_reference_index_ignore = True

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding or kwargs.get("force_update"):
            raise AppendOnly("Rows of the access record cannot be changed.")
        # Inserting by force: a new object with the number of a row that stands would otherwise take its place.
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Rows of the access record cannot be removed.")


class AccessRecord(AppendOnlyModel):
    """One thing that happened. Written by `members.audit.record` alone.

    The person and the object are kept as numbers without a database constraint: a row outlives both. `content` is the
    digest of all the rest, of which the database makes the row's link in the chain (`AccessLink`).
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    action = models.CharField(max_length=30, choices=Action)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    object_kind = models.CharField(max_length=30, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict)
    content = models.CharField(max_length=64, editable=False)

    words: Words  # beside the numbers, when somebody reads: see `members.record_words`

    class Meta(AppendOnlyModel.Meta):
        abstract = False
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["object_kind", "object_id"]),
            models.Index(fields=["actor", "at"]),
            models.Index(fields=["action", "at"], name="record_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_kind} {self.object_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        super(AccessRecord, self.with_content()).save(*args, **kwargs)

    def with_content(self) -> AccessRecord:
        """The same, with the digest of what it says now."""
        if self._state.adding:
            self.content = chain.content_of(
                chain.facts(
                    self.at, self.action, self.actor_id, self.object_kind, self.object_id, self.reason, self.details
                )
            )
        return self


class AccessLink(AppendOnlyModel):
    """A row's place in the chain, made by the database when the row is there: on PostgreSQL as the last thing before
    the commit, so that nobody waits for the lock longer than that.

    Whoever changes or removes a row, or puts one between others, would have to make all links after it anew. The
    table's name stands before that of the rows: a restore brings the links first, and none is made again.
    """

    place = models.BigIntegerField(primary_key=True)
    row = models.OneToOneField(AccessRecord, on_delete=models.DO_NOTHING, db_constraint=False, related_name="link")
    at = models.CharField(max_length=27, help_text="In UTC, to the microsecond; never before the link before it.")
    hash = models.CharField(max_length=64)

    class Meta(AppendOnlyModel.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"{self.place} {self.hash}"


class RecordHead(AppendOnlyModel):
    """What the site has signed of its record: the chain's last link at a moment. The same goes to places that the site
    cannot reach afterwards (`portal.ops.heads`)."""

    place = models.BigIntegerField(primary_key=True)
    at = models.CharField(max_length=27)
    hash = models.CharField(max_length=64)
    site = models.CharField(max_length=300)
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)

    class Meta(AppendOnlyModel.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"{self.place} {self.at}"


class HeadToLeave(models.Model):
    """A head that has still to be left in one of the places of RECORD_HEADS. The row goes when that is done."""

    head = models.ForeignKey(RecordHead, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    where = models.CharField(max_length=500)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["head", "where"], name="head_is_left_once")]

    def __str__(self) -> str:
        return f"{self.head_id} {self.where}"


def new_salt() -> str:
    return secrets.token_hex(16)


class RecordedWords(models.Model):
    """Words about a person that somebody typed when a row was written, such as the reason for a suspension.

    They stand beside the row, since no row can be changed and words may name whom they are about: they go with that
    person. The row keeps their digest (`details["words"]`), so that words which were changed are found out.
    """

    row = models.OneToOneField(AccessRecord, on_delete=models.DO_NOTHING, db_constraint=False, related_name="said")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    text = models.CharField(max_length=500)
    salt = models.CharField(max_length=32, default=new_salt)

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return self.text

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.salt} {self.text}".encode()).hexdigest()
