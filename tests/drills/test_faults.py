"""A part that is away, hangs, only reads or is full: what can be served is, the rest is 503 with Retry-After; no limit
opens, no mail is doubled, and nothing half is left."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail as outbox
from django.core.signals import got_request_exception
from django.test import Client

from fileshare.models import SharedDocument
from fileshare.services import orphans
from members import mail
from members.tasks import send_mail
from tests.drills import faults
from tests.drills.site import bytes_of
from tests.factories import PASSWORD, make_editor_of, make_folder, make_member, make_paper, make_post
from tests.fileshare.admin import attached, details, details_of, objects

FORMER = b"Words of the former version."


class Asked:
    """What people want of the site, each with a client of their own."""

    got = b""

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
        answer = self.reader.get(self.paper.download_url)
        if answer.streaming:  # read as long as the part is away
            self.got = b"".join(answer.streaming_content)
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
ALL = set(USUAL)
# Of a paper nothing is shown or refused without a row in the record.
UNWRITTEN = {"live", "front", "news", "list"}
# Each fault with what is answered as always; "sentence": the form again, with a sentence; all else is 503.
FAULTS: dict[Callable[[], Any], tuple[set[str], set[str]]] = {
    faults.database_away: ({"live"}, set()),
    faults.database_only_reads: (UNWRITTEN, set()),
    faults.database_hangs: (UNWRITTEN if faults.IS_SQLITE else {"live"}, set()),
    faults.cache_away: (ALL - {"sign_in"}, set()),
    faults.cache_hangs: (ALL - {"sign_in"}, set()),
    faults.cache_only_reads: (ALL - {"sign_in"}, set()),
    faults.folder_away: (ALL - {"download", "upload", "replace"}, {"upload", "replace"}),
    faults.store_away: (ALL - {"download", "upload", "replace"}, {"upload", "replace"}),
    faults.store_hangs: (ALL - {"download", "upload", "replace"}, {"upload", "replace"}),
    faults.store_full: (ALL - {"upload", "replace"}, {"upload", "replace"}),
    faults.store_only_reads: (ALL - {"upload", "replace"}, {"upload", "replace"}),
    faults.mail_away: (ALL, set()),
    faults.mail_hangs: (ALL, set()),
}
SENTENCE = "The file could not be stored just now, so nothing was changed."


def judged(name: str, answer: Any, served: set[str], with_sentence: set[str]) -> str:
    """What is wrong with an answer, as words; empty where nothing is."""
    if name in served:
        return "" if answer.status_code == USUAL[name] else f"{answer.status_code} instead of {USUAL[name]}"
    if name in with_sentence:
        is_right = answer.status_code == 200 and SENTENCE in answer.content.decode()
        return "" if is_right else f"{answer.status_code} without the sentence"
    if answer.status_code != 503 and (name, answer.status_code) != ("sign_in", 429):  # a limit that cannot be counted
        return f"{answer.status_code} instead of 503"
    return "" if answer.get("Retry-After", "").isdecimal() else "503 without Retry-After"


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [faults.mail_away, faults.mail_hangs])
def test_mail_that_could_not_go_goes_once(fault):
    posted = mail.post(to=make_member(), occasion="a word", words=("Good day", "A word."))
    for _ in range(2):
        with fault(), pytest.raises(mail.NotSent):
            send_mail.func(posted.pk)
        posted.refresh_from_db()
        assert posted.state == "waiting"
    for _ in range(2):
        send_mail.func(posted.pk)
    assert len(outbox.outbox) == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_part_that_is_away_costs_what_needs_it_and_opens_nothing(caplog, record_property):
    caplog.set_level("CRITICAL")
    raised: list[str] = []
    got_request_exception.connect(note := lambda **_: raised.append(traceback.format_exc(limit=-3)))
    assert note
    asked, tried, wrong, left_out = Asked(), 0, [], []
    assert {ask.__name__: ask(asked).status_code for ask in ASKED} == USUAL
    for fault, (served, with_sentence) in FAULTS.items():
        before = objects(), SharedDocument.objects.count(), asked.paper.versions.count()
        try:
            with fault():
                answers, why = {}, {}
                for ask in ASKED:
                    raised.clear()
                    answers[ask.__name__] = ask(asked)
                    why[ask.__name__] = "".join(raised)
        except faults.NotHere:
            left_out.append(fault.__name__)
            continue
        tried += len(answers)
        wrong += [
            f"{fault.__name__}, {name}: {trouble} {why[name]}"
            for name, answer in answers.items()
            if (trouble := judged(name, answer, served, with_sentence))
        ]
        assert asked.got in (b"", FORMER)
        if "upload" not in served:
            assert (objects(), SharedDocument.objects.count(), asked.paper.versions.count()) == before, fault.__name__
        assert list(orphans.missing()) == []
        asked.paper.refresh_from_db()
        assert bytes_of(asked.paper.current_version) == FORMER
        assert {ask.__name__: ask(asked).status_code for ask in ASKED} == USUAL, (
            "the part is back, and so is everything"
        )
    assert wrong == [], "\n".join(wrong)
    assert tried >= 100
    said = f" (left out, for want of a file system to mount: {', '.join(left_out)})" if left_out else ""
    record_property("drill", f"{len(FAULTS) - len(left_out)} faults under {tried} requests{said}")
