"""A part that is away, hangs, only reads or is full: what can be served is, the rest is 503 with Retry-After; no limit
opens, no mail is doubled, and nothing half is left."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from django.core import mail as outbox
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.signals import got_request_exception
from django.db import connection
from django.test import Client

from fileshare.enums import Inspection
from fileshare.models import SharedDocument
from fileshare.services import inspect, orphans, upload
from members import mail
from members.enums import MailState
from members.smtp import AnswerLost
from members.tasks import send_mail
from tests.drills import faults
from tests.drills.faults import cache, database, scanner, store
from tests.drills.faults import mail as mails
from tests.drills.site import bytes_of
from tests.factories import PASSWORD, make_editor_of, make_folder, make_member, make_paper, make_post
from tests.fileshare.admin import attached, details, details_of, objects

FORMER = b"Words of the former version."


class Asked:
    """What people want of the site, each with a client of their own."""

    got, is_cut = b"", False

    def __init__(self) -> None:
        self.folder = make_folder("Guidance", groups=("Readers",))
        editor = make_editor_of(self.folder, "editor@example.org", actions=("add", "change", "choose", "delete"))
        reader, stranger = make_member("reader@example.org"), make_member("stranger@example.org")
        for person in (editor, reader):
            person.groups.add(*editor.groups.model.objects.filter(name="Readers"))
        self.paper = make_paper("A paper", collection=self.folder, content=FORMER, file_name="a.txt")
        self.post = make_post("A post").get_url()
        self.visitor, self.editor, self.reader, self.stranger = (
            self._client(who) for who in (None, editor, reader, stranger)
        )
        make_member("guessed@example.org")
        self.new, self.changed = (
            details(self.folder, "New", same_file_too="on"),
            details_of(self.paper, same_file_too="on"),
        )

    def _client(self, person: Any) -> Client:
        client = Client(raise_request_exception=False)
        if person is not None:
            client.force_login(person)
        return client

    def live(self) -> Any:
        return self.visitor.get("/health/live/")

    def front(self) -> Any:
        return self.visitor.get("/")

    def news(self) -> Any:
        return self.visitor.get(self.post)

    def page(self) -> Any:
        return self.reader.get(self.paper.get_absolute_url())

    def list(self) -> Any:
        return self.reader.get("/files/guidance/")

    def download(self) -> Any:
        self.got, self.is_cut = b"", False
        answer = self.reader.get(self.paper.download_url)
        if answer.streaming:  # read as long as the part is away
            try:
                for piece in answer.streaming_content:
                    self.got += piece
            except Exception:  # noqa: BLE001 -- whatever it is, the server closes the connection
                self.is_cut = True
        return answer

    def foreign(self) -> Any:
        return self.stranger.get(self.paper.download_url)

    def sign_in(self) -> Any:
        return Client(raise_request_exception=False).post(
            "/account/login/", {"login": "guessed@example.org", "password": PASSWORD}
        )

    def upload(self) -> Any:
        return self.editor.post("/admin/documents/add/", self.new | {"file": attached(b"Words.", "new.txt")})

    def replace(self) -> Any:
        address = f"/admin/documents/edit/{self.paper.pk}/"
        return self.editor.post(address, self.changed | {"file": attached(b"Newer.", "b.txt")})


ASKED: list[Callable[[Asked], Any]] = [
    Asked.live, Asked.front, Asked.news, Asked.page, Asked.list, Asked.download, Asked.foreign, Asked.sign_in,
    Asked.upload, Asked.replace,
]  # fmt: skip
USUAL = {
    "live": 200, "front": 200, "news": 200, "page": 200, "list": 200, "download": 200, "foreign": 404, "sign_in": 302,
    "upload": 302, "replace": 302,
}  # fmt: skip
ALL = frozenset(USUAL)
# Of a paper nothing is shown or refused without a row in the record.
UNWRITTEN = frozenset({"live", "front", "news", "list"})
STORING = frozenset({"upload", "replace"})
SENTENCE = "The file could not be stored just now, so nothing was changed."


@dataclass(frozen=True)
class Then:
    """What is answered as always; what with the form again and a sentence; what begins and is cut off, so that whoever
    gets it knows. All else is 503."""

    served: frozenset[str]
    sentence: frozenset[str] = frozenset()
    cut: frozenset[str] = frozenset()


NOTHING, NO_WRITING, NO_COUNTING = Then(frozenset({"live"})), Then(UNWRITTEN), Then(ALL - {"sign_in"})
NO_STORE, NO_STORING = Then(ALL - STORING - {"download"}, STORING), Then(ALL - STORING, STORING)
OF_DATABASE: dict[Callable[[], Any], Then] = {
    database.database_away: NOTHING,
    database.database_only_reads: NO_WRITING,
    **(
        {
            database.database_hangs: NO_WRITING,
            database.database_damaged: NOTHING,
            database.disk_full: Then(UNWRITTEN, STORING),  # the store says so first
        }
        if database.IS_SQLITE
        else {
            database.database_hangs: NOTHING,
            database.database_has_no_connection_left: NOTHING,
            database.database_breaks_off: NOTHING,
            database.database_locked: NO_WRITING,
            database.database_has_another_name: NOTHING,
            database.database_starts: NOTHING,
            database.database_hangs_up: NOTHING,
            database.database_is_something_else: NOTHING,
        }
    ),
}
OF_CACHE = dict.fromkeys(
    [
        cache.cache_away, cache.cache_hangs, cache.cache_only_reads, cache.cache_full, cache.cache_wants_a_password,
        cache.cache_forbids_writing, cache.cache_has_no_connection_left, cache.cache_loads, cache.cache_cannot_save,
        cache.cache_breaks_off, cache.cache_hangs_up, cache.cache_is_something_else, cache.cache_has_values_of_others,
    ],
    NO_COUNTING,
)  # fmt: skip
OF_STORE = {
    **dict.fromkeys(
        [
            store.store_away, store.store_hangs, store.store_asks_for_patience, store.store_fails, store.store_refuses,
            store.store_finds_the_clock_wrong, store.store_has_no_bucket, store.store_has_a_page_for_people,
            store.store_hangs_up, store.store_is_something_else, store.folder_away,
        ],
        NO_STORE,
    ),
    **dict.fromkeys(
        [store.store_full, store.folder_full, store.folder_only_reads, store.folder_has_no_entry_left], NO_STORING
    ),
    store.store_cuts_short: Then(ALL - STORING - {"download"}, STORING, frozenset({"download"})),
    **dict.fromkeys([store.folder_has_lost_papers, store.folder_has_half_of_papers], Then(ALL - {"download"})),
}  # fmt: skip
# What becomes of a mail that is sent meanwhile. A refusal is for ever; of one whose answer was lost nobody can know.
OF_MAIL = {
    **dict.fromkeys(
        [
            mails.mail_away, mails.mail_hangs, mails.mail_is_busy, mails.mail_has_no_service,
            mails.mail_is_something_else, mails.mail_wants_a_password, mails.mail_hangs_up,
            mails.mail_asks_for_patience, mails.mail_has_no_room, mails.mail_would_take_it_later,
        ],
        MailState.WAITING,
    ),
    **dict.fromkeys([mails.mail_refuses_the_address, mails.mail_refuses_the_words], MailState.REFUSED),
    **dict.fromkeys([mails.mail_breaks_off_after_the_words, mails.mail_hangs_after_the_words], MailState.SENDING),
}  # fmt: skip
# What becomes of a file that is looked at meanwhile.
OF_SCANNER = {
    **dict.fromkeys(
        [
            scanner.scanner_away, scanner.scanner_hangs, scanner.scanner_talks_nonsense, scanner.scanner_breaks_off,
            scanner.scanner_has_no_memory, scanner.scanner_answers_half, scanner.scanner_is_something_else,
        ],
        Inspection.UNSCANNED,
    ),
    scanner.scanner_finds_it_too_large: Inspection.QUARANTINED,
}  # fmt: skip
# Nobody who asks the site waits for mail server or scanner, which are the worker's.
FAULTS = {**OF_DATABASE, **OF_CACHE, **OF_STORE, **dict.fromkeys([*OF_MAIL, *OF_SCANNER], Then(ALL))}
SAMPLE = [
    database.database_away, database.database_only_reads, cache.cache_full, cache.cache_breaks_off, store.store_away,
    store.store_cuts_short, store.folder_full, mails.mail_hangs, scanner.scanner_hangs,
]  # fmt: skip
CHOSEN = list(FAULTS) if os.environ.get("DRILL") == "all" else SAMPLE


def judged(name: str, answer: Any, then: Then, asked: Asked) -> str:
    """What is wrong with an answer, as words; empty where nothing is."""
    if name in then.cut:
        return "" if answer.status_code == USUAL[name] and asked.is_cut else f"{answer.status_code}, and not cut off"
    if name in then.served:
        return "" if answer.status_code == USUAL[name] else f"{answer.status_code} instead of {USUAL[name]}"
    if name in then.sentence:
        is_right = answer.status_code == 200 and SENTENCE in answer.content.decode()
        return "" if is_right else f"{answer.status_code} without the sentence"
    if answer.status_code != 503 and (name, answer.status_code) != ("sign_in", 429):  # a limit that cannot be counted
        return f"{answer.status_code} instead of 503"
    return "" if answer.get("Retry-After", "").isdecimal() else "503 without Retry-After"


def name_of(fault: Callable[[], Any]) -> str:
    """As the modules of `faults` call it."""
    return next(name for part in (database, cache, store, mails, scanner) for name, each in vars(part).items()
                if each is fault)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("fault", OF_MAIL, ids=name_of)
def test_mail_that_could_not_go_goes_once(fault):
    posted = mail.post(to=make_member(), occasion="a word", words=("Good day", "A word."))
    for _ in range(2):
        with fault() as taken, suppress(mail.NotSent, AnswerLost):
            send_mail.func(posted.pk)
        posted.refresh_from_db()
        assert posted.state == OF_MAIL[fault]
        if posted.state != MailState.WAITING:
            break
    for _ in range(2):
        send_mail.func(posted.pk)
    assert len(outbox.outbox) == (posted.state == MailState.WAITING)
    assert len(taken) == (posted.state == MailState.SENDING)


@pytest.mark.django_db
@pytest.mark.parametrize("fault", OF_SCANNER, ids=name_of)
def test_file_that_is_not_scanned_is_read_by_nobody(fault):
    paper = make_paper(content=FORMER, file_name="a.txt")
    newer = upload.replace(document=paper, file=ContentFile(b"Newer."), name="a.txt", by=None)
    with fault():
        inspect.inspect(version_id=newer.pk)
    for state in (OF_SCANNER[fault], Inspection.PASSED):
        newer.refresh_from_db()
        paper.refresh_from_db()
        assert newer.inspection == state
        is_out = newer.inspection == Inspection.PASSED
        assert bytes_of(paper.current_version) == (b"Newer." if is_out else FORMER)
        if state == Inspection.QUARANTINED:
            break
        with scanner.working():
            inspect.inspect(version_id=newer.pk)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_part_that_is_away_costs_what_needs_it_and_opens_nothing(caplog, count):
    caplog.set_level("CRITICAL")
    for left_by_others in objects():  # more than the small disk has room for
        left_by_others.unlink()
    raised: list[str] = []
    got_request_exception.connect(note := lambda **_: raised.append(traceback.format_exc(limit=-3)))
    assert note
    asked, tried, wrong, left_out = Asked(), 0, [], []
    assert {ask.__name__: ask(asked).status_code for ask in ASKED} == USUAL
    for fault, then in ((fault, FAULTS[fault]) for fault in CHOSEN):
        name = name_of(fault)
        before = objects(), SharedDocument.objects.count(), asked.paper.versions.count()
        caches["default"].clear()  # as if an hour had passed: so many sign-ins at once would be too many
        try:
            with fault():
                answers, why = {}, {}
                for ask in ASKED:
                    raised.clear()
                    answers[ask.__name__] = ask(asked)
                    why[ask.__name__] = "".join(raised)
        except faults.NotHere:
            left_out.append(name)
            continue
        tried += len(answers)
        wrong += [
            f"{name}, {asking}: {trouble} {why[asking]}"
            for asking, answer in answers.items()
            if (trouble := judged(asking, answer, then, asked))
        ]
        assert FORMER.startswith(asked.got)
        if "upload" not in then.served:
            assert (objects(), SharedDocument.objects.count(), asked.paper.versions.count()) == before, name
        assert list(orphans.missing()) == []
        asked.paper.refresh_from_db()
        assert bytes_of(asked.paper.current_version) == FORMER
        again = {ask.__name__: ask(asked).status_code for ask in ASKED if ask.__name__ not in then.served}
        assert again == {asking: USUAL[asking] for asking in again}, f"{name} is over, and something is not back"
    kinds, without = len(CHOSEN) - len(left_out), f"; not to be had here: {', '.join(left_out)}" if left_out else ""
    said = f"of {len(FAULTS)} on {connection.vendor}, {tried} requests{without}"
    count("Faults of parts, each under ten requests", 30, kinds, len(wrong), said)
    assert wrong == [], "\n".join(wrong)
    assert kinds >= (30 if CHOSEN != SAMPLE else 8)
