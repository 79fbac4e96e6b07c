"""Stamped copies: made once for a person and a version, kept for a day, and gone again.

A row with the number comes first: whoever writes it makes the copy, and everybody else who asks for the same one
meanwhile waits a little. One person has one copy made at a time. Nothing leaves where the stamp fails.
"""

from __future__ import annotations

import datetime
import errno
import hashlib
import json
import math
import tempfile
import threading
import time
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from wagtail.coreutils import string_to_ascii

from fileshare import copy_numbers, delivery
from fileshare.derivatives import stamp
from fileshare.derivatives.stamp import NotStamped
from fileshare.markings import MUST_BE_A_PLAIN_PDF, Marking
from fileshare.models import DocumentVersion, StampedCopy
from fileshare.readers_copy import ReadersCopy, plain, stamped
from fileshare.storage import CHUNK, new_copy_key, on_disk
from members import mail
from members.models import Membership
from members.plain_text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import QuerySet

    from members.models import User

# A copy is handed out again for so long, and removed an hour later, when nobody reads it any more.
GIVEN_FOR, KEPT_FOR = datetime.timedelta(hours=23), datetime.timedelta(hours=24)
LOOK_EVERY = 0.1  # seconds, while another makes the copy
LONGEST_WAIT = 5  # seconds for it: a thread that waits serves nobody
REMOVED_WITHIN = 60  # seconds of one run of `remove_old`
# Children that one web process has at work; who comes then waits so many seconds for room.
CHILDREN, LONGEST_QUEUE = 3, 20
ROOM = threading.Semaphore(CHILDREN)
# Who makes a copy has done so by then, or died.
MADE_WITHIN = datetime.timedelta(seconds=LONGEST_QUEUE + stamp.SECONDS + 30)
# What an OSError says of this machine and not of the store.
OURS = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EROFS)


class Busy(NotStamped):
    """Not now: others are served, or this person's last copy is still being made."""


class TooMany(NotStamped):
    """This person has had as many copies made as one may in a while."""


def for_reader(
    *, version: DocumentVersion, reader: User, may_make: Callable[[], bool], until: float = math.inf
) -> ReadersCopy:
    """The bytes that this person gets of a version: a stamped copy where the marking asks for one. `may_make` is asked
    before one is made, and counts it; `until` (of `time.monotonic`) is when whoever asks must have it.

    Raises NotStamped, and delivery.FileMissing where the store has lost the file or is away.
    """
    if version.document.marking not in MUST_BE_A_PLAIN_PDF:
        delivery.check_stored(version)
        return plain(version)
    words = _words(version, reader)
    enough = min(until, time.monotonic() + LONGEST_WAIT)
    has_tried = False
    while True:
        copy = _in_the_way(version, reader)
        if copy is None and has_tried:
            raise NotStamped("Whoever was making this copy could not, or its file is gone.")
        if copy is None:
            if not may_make():
                raise TooMany
            if (copy := _claim(version, reader, words)) is not None:
                return _make(copy, version, words, reader, until)
        elif copy.sha256 and _is_good(copy, words):
            return stamped(version, copy)
        elif copy.sha256 or copy.made_at < timezone.now() - MADE_WITHIN:
            _retire(StampedCopy.objects.filter(pk=copy.pk))
            continue
        has_tried = copy is None or copy.version_id == version.pk
        _wait(enough)


def _in_the_way(version: DocumentVersion, reader: User) -> StampedCopy | None:
    """The person's copy of this version, made or in the making, else another one of the person's in the making."""
    mine = StampedCopy.objects.filter(user=reader.pk, removed_at=None)
    either = {copy.version_id == version.pk: copy for copy in mine.filter(Q(version=version) | Q(sha256=""))}
    return either.get(True) or either.get(False)


def _wait(enough: float) -> None:
    if time.monotonic() > enough:
        raise Busy("Another copy was still being made.")
    delivery.lend_connection()
    time.sleep(LOOK_EVERY)


def with_number(*, number: str, version: DocumentVersion, reader: User) -> ReadersCopy | None:
    """The copy that this person is reading: a page that fetches it in parts must not get those of another one. None
    where it no longer says what holds today: the page is opened anew, and gets another one."""
    if not copy_numbers.is_one(number):
        return None
    kept = StampedCopy.objects.filter(number=number, user=reader.pk, version=version, removed_at=None)
    copy = kept.exclude(sha256="").first()
    return stamped(version, copy) if copy and copy.words == _digest(_words(version, reader)) else None


def _words(version: DocumentVersion, reader: User) -> stamp.Words:
    """All that is stamped, but for the number and the time."""
    document, name = version.document, one_line(reader.get_full_name()) or reader.email
    membership = Membership.objects.filter(user=reader.pk, number__isnull=False).first()
    caveat = one_line(document.caveat)
    return stamp.Words(
        label=document.marking,
        caveat=caveat,
        caveat_in_latin=string_to_ascii(caveat),
        name=name,
        name_in_latin=string_to_ascii(name),
        member=f"(member {membership.number_label})" if membership else "(no membership number)",
    )


def _digest(words: stamp.Words) -> str:
    """With the site's key, since the row stays: nobody finds a person's name by trying names."""
    return salted_hmac(__name__, json.dumps(words.as_dict(), sort_keys=True), algorithm="sha256").hexdigest()


def _is_good(copy: StampedCopy, words: stamp.Words) -> bool:
    """Whether it is young enough, says what is to be said today, and is still there. Raises delivery.FileMissing."""
    if copy.made_at < timezone.now() - GIVEN_FOR or copy.words != _digest(words):
        return False
    try:
        return bool(default_storage.exists(str(copy.file.name)))
    except Exception as error:  # each store has its own, and each means that it is away
        raise delivery.FileMissing(copy.file.name) from error


def _claim(version: DocumentVersion, reader: User, words: stamp.Words) -> StampedCopy | None:
    """The row of a copy that is to be made here; None where somebody else was quicker."""
    try:
        with transaction.atomic():
            return StampedCopy.objects.create(
                number=copy_numbers.new(), user=reader, version=version, document_uuid=version.document.uuid,
                version_number=version.number, words=_digest(words),
            )  # fmt: skip
    except IntegrityError:
        return None


def _make(copy: StampedCopy, version: DocumentVersion, words: stamp.Words, reader: User, until: float) -> ReadersCopy:
    """Stamp, store, and say so in the row. Where anything fails, neither the row nor the bytes stay."""
    words = words.numbered(copy_numbers.in_groups(copy.number), _moment(copy.made_at))
    try:
        delivery.check_stored(version)
        # A folder, so that what a child leaves beside its file when it is stopped goes too.
        with tempfile.TemporaryDirectory() as folder:
            made = str(Path(folder) / "copy.pdf")
            first = _stamp(version, made, words, until)
            _keep(copy, made, first, version, reader)
    except BaseException as error:
        StampedCopy.objects.filter(pk=copy.pk, sha256="").delete()
        if isinstance(error, OSError) and error.errno in OURS:
            raise NotStamped(f"This machine: {error.strerror}") from error
        raise
    return stamped(version, copy)


def _moment(moment: datetime.datetime) -> str:
    local = timezone.localtime(moment)
    return f"{date_format(local, 'j F Y, H:i')} {local.tzname()}"


def _stamp(version: DocumentVersion, target: str, words: stamp.Words, until: float) -> bytes:
    """Returns the opening."""
    delivery.lend_connection()
    left = until - time.monotonic()
    if left < 1 or not ROOM.acquire(timeout=min(LONGEST_QUEUE, left)):
        raise Busy("Too many copies are being stamped at this moment.")
    try:
        with on_disk(version.file, ".pdf") as source:
            left = until - time.monotonic()
            return stamp.make(source, target, words, seconds=max(1, int(min(stamp.SECONDS, left))))
    except NotStamped:
        raise
    except Exception as error:  # as in `_is_good`
        if isinstance(error, OSError) and error.errno in OURS:
            raise
        raise delivery.FileMissing(version.file.name) from error
    finally:
        ROOM.release()


def _keep(copy: StampedCopy, path: str, opening: bytes, version: DocumentVersion, reader: User) -> None:
    digest, crc, size = hashlib.sha256(), 0, 0
    with open(path, "rb") as made:  # noqa: PTH123 -- Django's File wants an open file
        while chunk := made.read(CHUNK):
            digest.update(chunk)
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
        made.seek(0)
        with _stored(File(made), ContentFile(opening) if opening else None) as (key, first), transaction.atomic():
            _note(
                copy, file=key, size=size, crc32=crc, sha256=digest.hexdigest(), opening=first,
                opening_size=len(opening),
            )  # fmt: skip
            _tell_owner(copy, version, reader)
    copy.refresh_from_db()


@contextmanager
def _stored(*contents: File[Any] | None) -> Iterator[list[str]]:
    """Their keys, empty for none; they are taken away again when anything fails."""
    keys: list[str] = []
    try:
        try:
            for content in contents:
                key = default_storage.save(new_copy_key(), content) if content is not None else ""
                keys.append(key)
        except Exception as error:  # as in `_is_good`
            raise delivery.FileMissing("The store did not take a stamped copy.") from error
        yield keys
    except BaseException:
        for key in filter(None, keys):
            default_storage.delete(key)
        raise


def _note(copy: StampedCopy, **facts: Any) -> None:
    if not StampedCopy.objects.filter(pk=copy.pk, removed_at=None, sha256="").update(**facts):
        raise NotStamped("It took so long that somebody else began anew.")


def _tell_owner(copy: StampedCopy, version: DocumentVersion, reader: User) -> None:
    """POLICY: of a TLP:RED paper, its owner hears of every copy; who brought it, where nobody looks after it."""
    document = version.document
    owner = document.owner or document.contributed_by or document.uploaded_by_user
    if document.marking != Marking.RED or owner is None or not owner.is_active:
        return
    mail.post(
        to=owner,
        occasion=f"copy {copy.number}",
        template="red_copy",
        context={
            "paper": document, "reader": reader, "moment": _moment(copy.made_at), "number": copy.number_in_groups,
            "address": f"{settings.BASE_URL}{document.get_absolute_url()}",
        },
    )  # fmt: skip


def _retire(copies: QuerySet[StampedCopy]) -> None:
    """Handed out no more; `remove_old` takes the bytes away."""
    copies.update(removed_at=timezone.now())


def remove_old() -> None:
    """Copies that are a day old, and those of files that are gone, leave the store; their rows stay. Raises what the
    store raised last: the rows still name what is left, so that the next run finds it."""
    is_old = Q(made_at__lt=timezone.now() - KEPT_FOR) | Q(version=None) | Q(version__destroyed_at__isnull=False)
    _retire(StampedCopy.objects.filter(is_old, removed_at=None).order_by())
    trouble: Exception | None = None
    enough = time.monotonic() + REMOVED_WITHIN
    left = StampedCopy.objects.filter(removed_at__isnull=False).exclude(file="").order_by("pk")
    copy = left.first()
    while copy is not None and time.monotonic() < enough:
        try:
            for key in filter(None, (copy.file.name, copy.opening.name)):
                default_storage.delete(key)
        except Exception as error:  # noqa: BLE001 -- as in `_is_good`; one that stays must not keep the others
            trouble = error
        else:
            StampedCopy.objects.filter(pk=copy.pk).update(file="", opening="", opening_size=0)
        copy = left.filter(pk__gt=copy.pk).first()
    if trouble is not None:
        raise trouble
