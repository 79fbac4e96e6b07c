"""Papers marked TLP:AMBER and above leave as stamped copies alone, one for each reader, kept for a day."""

from __future__ import annotations

import datetime
import hashlib
import io
import logging
import re
import zipfile

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone

from fileshare.derivatives import stamp
from fileshare.models import DocumentVersion, SharedDocument, StampedCopy
from fileshare.readers_copy import MustBeStamped, plain
from fileshare.services import stamped_copies
from members.models import AccessRecord
from tests.factories import add_version, make_member, make_paper, minimal_pdf
from tests.fileshare.stamped import OPENING, bytes_of, last_row, pages_of, ready, says, ways_out
from tests.marked import accept_terms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_without_a_child")]


def test_download_is_a_copy_of_the_readers_own_and_the_record_knows_its_number(reader_client, reader, amber_paper):
    answer = reader_client.get(amber_paper.download_url)
    content, copy = bytes_of(answer), StampedCopy.objects.get()
    number = f"{reader.membership.number:05d}"
    assert len(pages_of(content)) == 2
    assert says(content, "Ten times ten", "TLP:AMBER", "OFFICIAL", "Żaneta Müller", number, copy.number_in_groups)
    assert (answer["Content-Length"], answer["ETag"]) == (str(len(content)), f'"{copy.token.hex}"')
    assert answer["Cache-Control"] == "private, no-store"
    assert (copy.sha256, copy.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert last_row() == ("downloaded", "", {"version": 1, "copy": copy.number})
    assert amber_paper.current_version.sha256 not in reader_client.get(amber_paper.get_absolute_url()).content.decode()


def test_copy_is_made_once_and_ranges_of_it_are_parts_of_the_whole(reader_client, amber_paper):
    whole = bytes_of(reader_client.get(amber_paper.download_url))
    parts = [
        bytes_of(reader_client.get(amber_paper.download_url, headers={"range": f"bytes={start}-{start + 999}"}))
        for start in range(0, len(whole), 1000)
    ]
    assert b"".join(parts) == whole
    assert StampedCopy.objects.count() == 1
    head = reader_client.head(amber_paper.download_url)
    assert (head["Content-Length"], head["ETag"]) == (str(len(whole)), f'"{StampedCopy.objects.get().token.hex}"')


def test_each_reader_has_another_copy(reader_client, amber_paper):
    other = ready(make_member(first_name="Ada", last_name="Other"), amber_paper)
    mine, theirs = bytes_of(reader_client.get(amber_paper.download_url)), bytes_of(other.get(amber_paper.download_url))
    assert says(mine, "Żaneta")
    assert says(theirs, "Ada Other")
    assert not any("Żaneta" in page for page in pages_of(theirs))


def test_reader_page_fetches_the_copy_and_no_other(reader_client, amber_paper):
    page = reader_client.get(amber_paper.read_url).content.decode()
    copy = StampedCopy.objects.get()
    address = re.search(r'data-address="([^"]*)"', page)[1]
    assert address == f"{amber_paper.current_version.content_url}?copy={copy.number}"
    assert f'data-size="{copy.size}"' in page
    assert last_row() == ("read", "", {"version": 1, "copy": copy.number})
    rows = AccessRecord.objects.count()
    assert says(bytes_of(reader_client.get(address)), "Żaneta Müller", copy.number_in_groups)
    assert AccessRecord.objects.count() == rows  # it belongs to the reading
    other = ready(make_member(), amber_paper)
    for client, number in ((other, copy.number), (reader_client, "1" * 12), (reader_client, "x\0")):
        assert client.get(amber_paper.current_version.content_url, {"copy": number}).status_code == 404
    assert says(bytes_of(reader_client.get(amber_paper.current_version.content_url)), copy.number_in_groups)


def test_reader_page_opens_the_copy_by_the_copys_own_opening(reader_client, amber_paper):
    page = reader_client.get(amber_paper.read_url).content.decode()
    number, address = StampedCopy.objects.get().number, f"{amber_paper.current_version.content_url}?part=opening"
    assert f'data-opening="{address}&amp;copy={number}"' in page
    row = last_row()
    assert bytes_of(reader_client.get(f"{address}&copy={number}")) == OPENING
    assert last_row() == row
    assert ready(make_member(), amber_paper).get(f"{address}&copy={number}").status_code == 404


def test_zip_has_stamped_copies_of_marked_papers_and_others_as_they_are(reader_client, amber_paper):
    green = make_paper("Green")
    answer = reader_client.get("/files/archive/", {"document": [amber_paper.uuid, green.uuid]})
    content = bytes_of(answer)
    assert answer["Content-Length"] == str(len(content))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        marked, other = (archive.read(each) for each in archive.infolist())
    assert says(marked, "Żaneta Müller", StampedCopy.objects.get().number_in_groups)
    assert hashlib.sha256(other).hexdigest() == green.sha256


def test_nginx_is_sent_to_the_copy(reader_client, amber_paper, settings):
    settings.DELIVERY = "accel"
    answer = reader_client.get(amber_paper.download_url)
    assert answer["X-Accel-Redirect"] == f"/_private/{StampedCopy.objects.get().file.name}"
    assert answer["X-Accel-Redirect"].startswith("/_private/copies/")


@pytest.mark.parametrize("trouble", ["the stamp fails", "no PDF", "a former version"])
def test_nothing_leaves_that_is_not_stamped(reader_client, reader, amber_paper, monkeypatch, caplog, trouble):
    """Also where a paper was marked higher after its file had come in."""
    if trouble == "the stamp fails":
        monkeypatch.setattr(stamp, "write", lambda *args: 1 / 0)
        asked, secret = ways_out(amber_paper), b"%PDF"
    else:
        text = make_paper("Text", content=b"Unstamped words", file_name="a.txt")
        reader_client.get(text.read_url)  # a reading that goes on
        if trouble == "a former version":
            add_version(text, minimal_pdf("New"))
        SharedDocument.objects.filter(pk=text.pk).update(marking="TLP:AMBER")
        first = text.versions.get(number=1)
        accept_terms([text], reader)
        text.refresh_from_db()
        former = [first.download_url, first.read_url, first.content_url]
        asked = ways_out(text) if first == text.current_version else former
        secret = b"Unstamped"
    before = StampedCopy.objects.count()
    with caplog.at_level(logging.CRITICAL):
        for address in asked:
            answer = reader_client.get(address)
            body = bytes_of(answer)
            assert (answer.status_code, answer["Retry-After"], secret in body) == (503, "120", False), address
            assert b"could not be stamped with your name" in body
            assert last_row() == ("failed", "could not be stamped", {"version": 1})
            assert bytes_of(reader_client.get(address, headers={"range": "bytes=0-4"})).find(secret) == -1
    assert StampedCopy.objects.count() == before


def test_marked_file_is_never_made_ready_as_it_is(amber_paper):
    with pytest.raises(MustBeStamped):
        plain(amber_paper.current_version)


def test_store_that_has_lost_the_file_is_503_and_leaves_no_row(reader_client, amber_paper, caplog):
    default_storage.delete(amber_paper.current_version.file.name)
    with caplog.at_level(logging.CRITICAL):
        assert reader_client.get(amber_paper.download_url).status_code == 503
    assert last_row()[:2] == ("failed", "missing from the store")
    assert not StampedCopy.objects.exists()


def test_other_words_make_another_copy(reader_client, reader, amber_paper):
    """A new name, a new caveat, another marking: today's stamp says what holds today."""
    seen = [bytes_of(reader_client.get(amber_paper.download_url))]
    type(reader).objects.filter(pk=reader.pk).update(last_name="Nowak")
    seen.append(bytes_of(reader_client.get(amber_paper.download_url)))
    SharedDocument.objects.filter(pk=amber_paper.pk).update(caveat="OFFICIAL-SENSITIVE", marking="TLP:AMBER+STRICT")
    seen.append(bytes_of(reader_client.get(amber_paper.download_url)))
    assert says(seen[1], "Żaneta Nowak")
    assert says(seen[2], "TLP:AMBER+STRICT OFFICIAL-SENSITIVE")
    assert len({copy.number for copy in StampedCopy.objects.all()}) == 3
    assert StampedCopy.objects.filter(removed_at=None).count() == 1


def test_copy_that_the_store_has_lost_is_made_anew(reader_client, amber_paper):
    bytes_of(reader_client.get(amber_paper.download_url))
    default_storage.delete(StampedCopy.objects.get().file.name)
    assert says(bytes_of(reader_client.get(amber_paper.download_url)), "Żaneta Müller")
    assert StampedCopy.objects.count() == 2


def test_copy_goes_after_a_day_and_its_row_stays(reader_client, amber_paper):
    bytes_of(reader_client.get(amber_paper.download_url))
    copy = StampedCopy.objects.get()
    keys = [copy.file.name, copy.opening.name]
    stamped_copies.remove_old()
    assert all(map(default_storage.exists, keys))
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=25), tick=False):
        stamped_copies.remove_old()
        stamped_copies.remove_old()
    copy = StampedCopy.objects.get()
    assert not any(map(default_storage.exists, keys))
    assert (copy.opening.name, copy.opening_size) == ("", 0)
    assert (copy.file.name, copy.removed_at is not None, len(copy.sha256)) == ("", True, 64)
    bytes_of(reader_client.get(amber_paper.download_url))
    assert StampedCopy.objects.count() == 2


@pytest.mark.parametrize("gone", ["destroyed", "deleted"])
def test_copies_go_with_the_file(reader_client, amber_paper, gone):
    bytes_of(reader_client.get(amber_paper.download_url))
    key = StampedCopy.objects.get().file.name
    if gone == "deleted":
        amber_paper.delete()
    else:
        DocumentVersion.objects.update(destroyed_at=timezone.now())
    stamped_copies.remove_old()
    assert not default_storage.exists(key)
    copy = StampedCopy.objects.get()
    assert (copy.document_uuid, copy.version_number) == (amber_paper.uuid, 1)


def test_copy_whose_maker_died_is_made_by_the_next(reader_client, reader, amber_paper):
    version = amber_paper.current_version
    dead = StampedCopy.objects.create(
        number="1" * 12, user=reader, version=version, document_uuid=amber_paper.uuid, version_number=1, words="",
        made_at=timezone.now() - stamped_copies.MADE_WITHIN * 2,
    )  # fmt: skip
    assert says(bytes_of(reader_client.get(amber_paper.download_url)), "Żaneta Müller")
    dead.refresh_from_db()
    assert (dead.removed_at is not None, dead.sha256) == (True, "")


def test_page_that_reads_a_copy_with_yesterdays_words_is_opened_anew(reader_client, amber_paper):
    page = reader_client.get(amber_paper.read_url).content.decode()
    address = re.search(r'data-address="([^"]*)"', page)[1]
    bytes_of(reader_client.get(address))
    for marking in ("TLP:AMBER+STRICT", "TLP:GREEN"):
        SharedDocument.objects.filter(pk=amber_paper.pk).update(marking=marking)
        assert reader_client.get(address).status_code == 404


def test_one_copy_that_cannot_be_removed_does_not_keep_the_others(reader_client, reader, amber_paper, monkeypatch):
    other = make_paper("Other", content=minimal_pdf("Other"), marking="TLP:AMBER")
    accept_terms([other], reader)
    bytes_of(reader_client.get(amber_paper.download_url))
    bytes_of(reader_client.get(other.download_url))
    StampedCopy.objects.update(removed_at=timezone.now())
    stuck = StampedCopy.objects.get(version=amber_paper.current_version).file.name
    delete = default_storage.delete

    def remove(name):
        if name == stuck:
            raise OSError("stuck")
        delete(name)

    monkeypatch.setattr(default_storage.__class__, "delete", staticmethod(remove))
    with pytest.raises(OSError, match="stuck"):
        stamped_copies.remove_old()
    assert list(StampedCopy.objects.exclude(file="").values_list("file", flat=True)) == [stuck]


def test_digest_of_the_words_is_keyed(settings):
    """The row stays for years: nobody finds whose it was by trying names."""
    words = stamp.Words("TLP:AMBER", "", "", "A reader", "A reader", "")
    before = stamped_copies._digest(words)
    settings.SECRET_KEY = "another"
    assert stamped_copies._digest(words) != before
