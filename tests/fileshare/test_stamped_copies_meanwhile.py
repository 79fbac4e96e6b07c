"""What happens while a copy is stamped: others come, papers and people change, the machine is full."""

from __future__ import annotations

import errno
import logging
import re
import threading
import time
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from fileshare.derivatives import stamp
from fileshare.models import SharedDocument, StampedCopy
from fileshare.services import stamped_copies
from members.enums import Action
from members.models import AccessRecord, OutgoingMail
from tests.factories import make_paper, make_user, minimal_pdf
from tests.fileshare.stamped import bytes_of, last_row, ready, says, ways_out, within
from tests.marked import accept_terms, note_signing_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_without_a_child")]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_first_requests_at_once_make_one_copy(reader_client, amber_paper, monkeypatch):
    made, begun = [], threading.Event()

    def slowly(source, target, words, **_):
        made.append(words.number)
        begun.set()
        time.sleep(0.3)  # as long as the other one looks several times
        return within(source, target, words)

    monkeypatch.setattr(stamp, "make", slowly)
    got: list[bytes] = []

    def fetch():
        got.append(bytes_of(reader_client.get(amber_paper.download_url)))
        connection.close()

    threads = [threading.Thread(target=fetch) for _ in range(2)]
    threads[0].start()
    assert begun.wait(10)
    threads[1].start()
    for thread in threads:
        thread.join(20)
    assert (len(made), len(got), len(set(got))) == (1, 2, 1)
    assert StampedCopy.objects.count() == 1


def test_so_many_at_once_that_the_machine_would_suffer_are_503(reader_client, amber_paper, monkeypatch, caplog):
    monkeypatch.setattr(stamped_copies, "LONGEST_QUEUE", 0)
    for _ in range(stamped_copies.CHILDREN):
        assert stamped_copies.ROOM.acquire(timeout=0)
    try:
        with caplog.at_level(logging.CRITICAL):
            assert reader_client.get(amber_paper.download_url).status_code == 503
    finally:
        stamped_copies.ROOM.release(stamped_copies.CHILDREN)
    assert says(bytes_of(reader_client.get(amber_paper.download_url)), "Żaneta Müller")


def test_owner_of_a_red_paper_is_told_of_every_copy_once(reader):
    owner = make_user("owner@example.org")
    red = make_paper("Secret title", marking="TLP:RED", recipients=(reader,), owner=owner)
    amber = make_paper("Amber", marking="TLP:AMBER", owner=owner)
    client = ready(reader, red, amber)
    for address in (red.download_url, red.download_url, amber.download_url):
        bytes_of(client.get(address))
    [told] = OutgoingMail.objects.filter(occasion__startswith="copy ")
    copy = StampedCopy.objects.get(document_uuid=red.uuid)
    assert (told.user, told.occasion) == (owner, f"copy {copy.number}")
    assert told.subject == "TLP:RED: a copy of a paper in your care has been made"
    assert told.text.startswith("TLP:RED\n\nGood day,")
    assert copy.number_in_groups in told.text
    assert "Żaneta Müller got a copy" in told.text
    assert "Secret title" not in told.subject + told.text


def test_nothing_leaves_where_the_owner_cannot_be_told(reader, monkeypatch):
    red = make_paper("Secret", marking="TLP:RED", recipients=(reader,), owner=make_user())
    client = ready(reader, red)
    client.raise_request_exception = False

    def broken(**kwargs):
        raise OSError("no mail")

    monkeypatch.setattr("members.mail.post", broken)
    answer = client.get(red.download_url)
    assert (answer.status_code, b"%PDF" in answer.content) == (500, False)
    assert not StampedCopy.objects.exists()
    assert not AccessRecord.objects.filter(action=Action.DOWNLOADED).exists()


def making(monkeypatch, happens):
    """What happens while a copy is stamped."""

    def with_that(source, target, words, **_):
        first = within(source, target, words)
        happens()
        return first

    monkeypatch.setattr(stamp, "make", with_that)


@pytest.mark.parametrize("way", range(6))
def test_paper_that_is_withdrawn_while_its_copy_is_stamped_does_not_leave(reader_client, amber_paper, monkeypatch, way):
    making(monkeypatch, lambda: SharedDocument.objects.update(withdrawn_at=timezone.now()))
    answer = reader_client.get(ways_out(amber_paper)[way])
    assert (answer.status_code, b"Ten times" in answer.content) == (404, False)
    assert last_row() == ("refused", "not_published", {"version": 1})
    assert not AccessRecord.objects.filter(action__in=(Action.DOWNLOADED, Action.READ)).exists()


def test_whoever_is_no_member_any_more_when_the_copy_is_ready_does_not_get_it(
    reader_client, reader, amber_paper, monkeypatch
):
    making(monkeypatch, lambda: type(reader).objects.update(is_active=False))
    assert reader_client.get(amber_paper.download_url).status_code == 404


def test_paper_that_is_marked_higher_meanwhile_begins_anew(reader_client, amber_paper, monkeypatch):
    """In a zip too, where it would have left as it is."""
    green = make_paper("Green")
    address = f"/files/archive/?document={amber_paper.uuid}&document={green.uuid}"
    making(monkeypatch, lambda: SharedDocument.objects.filter(pk=green.pk).update(marking="TLP:AMBER"))
    answer = reader_client.get(address)
    assert (answer.status_code, answer["Location"]) == (302, address)
    assert "/terms/" in reader_client.get(address)["Location"]
    StampedCopy.objects.all().delete()
    making(monkeypatch, lambda: SharedDocument.objects.filter(pk=amber_paper.pk).update(marking="TLP:RED"))
    for address in (amber_paper.download_url, amber_paper.read_url):
        StampedCopy.objects.all().delete()
        SharedDocument.objects.filter(pk=amber_paper.pk).update(marking="TLP:AMBER")
        assert reader_client.get(address).status_code in (302, 404)
    assert not AccessRecord.objects.filter(action__in=(Action.DOWNLOADED, Action.READ)).exists()


def test_red_paper_that_is_read_for_long_says_where_to_confirm_in_one_row(reader):
    red = make_paper("Secret", marking="TLP:RED", recipients=(reader,))
    client = ready(reader, red)
    address = re.search(r'data-address="([^"]*)"', client.get(red.read_url).content.decode())[1]
    part = {"range": "bytes=0-4"}
    assert bytes_of(client.get(address, headers=part)) == b"%PDF-"
    note_signing_in(client, "mfa", ago=1000)
    rows = AccessRecord.objects.count()
    for start in (5, 10, 15):
        answer = client.get(address, headers={"range": f"bytes={start}-{start + 4}"})
        assert (answer.status_code, answer.content) == (403, b"")
        assert answer["Confirm-At"] == f"/account/reauthenticate/?next={quote(red.read_url, safe='')}"
    assert AccessRecord.objects.count() == rows + 1
    assert last_row() == ("asked_first", "confirmation", {"version": 1})
    note_signing_in(client, "mfa")
    assert bytes_of(client.get(address, headers=part)) == b"%PDF-"


def test_version_that_is_deleted_meanwhile_is_no_endless_wait(reader_client, amber_paper, monkeypatch, caplog):
    monkeypatch.setattr(stamped_copies, "_claim", lambda *args: None)
    monkeypatch.setattr(stamped_copies, "LOOK_EVERY", 0)
    with caplog.at_level(logging.CRITICAL):
        answer = reader_client.get(amber_paper.download_url)
    assert (answer.status_code, answer["Retry-After"]) == (503, "120")


def test_nobody_has_two_copies_made_at_a_time(reader_client, reader, amber_paper, monkeypatch):
    other = make_paper("Other", content=minimal_pdf("Other"), marking="TLP:AMBER")
    accept_terms([other], reader)
    StampedCopy.objects.create(
        number="1" * 12, user=reader, version=other.current_version, document_uuid=other.uuid, version_number=1
    )
    monkeypatch.setattr(stamped_copies, "LONGEST_WAIT", 0.01)
    for marked in (amber_paper, other):
        answer = reader_client.get(marked.download_url)
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert StampedCopy.objects.count() == 1
    assert not AccessRecord.objects.filter(action=Action.FAILED).exists()


def test_only_so_many_copies_are_made_for_a_person_in_an_hour(reader_client, reader, amber_paper, settings):
    other = make_paper("Other", content=minimal_pdf("Other"), marking="TLP:AMBER")
    accept_terms([other], reader)
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "stamp": "1/h/user"}
    for _ in range(2):
        assert says(bytes_of(reader_client.get(amber_paper.download_url)), "Żaneta Müller")
    answer = reader_client.get(other.download_url)
    assert (answer.status_code, 3500 < int(answer["Retry-After"]) <= 3600) == (429, True)
    assert "many copies stamped" in answer.content.decode()


def test_zip_waits_so_long_for_all_its_copies(reader_client, reader, amber_paper, monkeypatch):
    monkeypatch.setattr("fileshare.views.archive.STAMPED_WITHIN", 0)
    answer = reader_client.get(f"/files/archive/?document={amber_paper.uuid}")
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")


def test_machine_whose_disk_is_full_says_that_it_could_not_stamp(reader_client, amber_paper, monkeypatch, caplog):
    def full(*args, **_):
        raise OSError(errno.ENOSPC, "No space left on device")

    for name in ("fileshare.derivatives.stamp.make", "tempfile.TemporaryDirectory"):
        with monkeypatch.context() as patch, caplog.at_level(logging.CRITICAL):
            patch.setattr(name, full)
            assert reader_client.get(amber_paper.download_url).status_code == 503
        assert last_row()[:2] == ("failed", "could not be stamped")
