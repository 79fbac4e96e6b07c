"""What markings ask before bytes leave: by each way out, page by page, and in the record."""

from __future__ import annotations

import html
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from fileshare.models import Derivation, HandlingTerms, SharedDocument, TermsAcceptance
from fileshare.services import terms
from fileshare.storage import new_preview_key
from members.enums import Action
from members.models import AccessRecord
from tests.factories import PASSWORD, add_version, make_administrator, make_member, make_paper
from tests.marked import accept_terms, note_signing_in, stamp_as_it_is

pytestmark = pytest.mark.django_db

# What a session has done (terms accepted, methods of signing in, seconds since), and what each marking then asks first.
# Judged by eye from POLICY.md.
TABLE = """
                              CLEAR  GREEN  AMBER  AMBER+STRICT  RED
nothing                       -      -      terms  terms         terms
terms                         -      -      -      factor        factor
terms, mfa 1000               -      -      -      -             again
terms, mfa 800                -      -      -      -             -
mfa 10                        -      -      terms  terms         terms
terms, password 10            -      -      -      factor        factor
"""


def cells() -> list[tuple[str, str, str]]:
    head, *rows = TABLE.strip("\n").splitlines()
    return [
        (row[:30].strip(), f"TLP:{marking}", word)
        for row in rows
        for marking, word in zip(head.split(), row[30:].split(), strict=True)
    ]


@pytest.fixture
def reader():
    return make_member()


def marked(marking, *recipients, **fields) -> SharedDocument:
    """A paper with a marking, whatever its file is: what is asked for does not depend on it."""
    paper = make_paper(content=b"A line of text", file_name="paper.txt", recipients=recipients, **fields)
    SharedDocument.objects.filter(pk=paper.pk).update(marking=marking)
    paper.refresh_from_db()
    return paper


def give_preview(paper) -> None:
    keys = [default_storage.save(new_preview_key(), ContentFile(size)) for size in ("small", "large")]
    Derivation.objects.create(
        version=paper.current_version, state="made", small=keys[0], large=keys[1], width=8, height=9
    )


def place_of(response, paper) -> str:
    """The table's word for where a request was sent."""
    if response.status_code != 302:
        return "-"
    here = f"/files/document/{paper.uuid}"
    places = {
        f"{here}/versions/1/terms/": "terms",
        f"{here}/second-factor/": "factor",
        "/account/reauthenticate/": "again",
    }
    return places[urlsplit(response["Location"]).path]


def ways_out(paper) -> dict[str, str]:
    """Every address that gives bytes of a paper, with where one comes back to."""
    here = f"/files/document/{paper.uuid}/"
    return {
        f"{here}download/": here,
        f"{here}versions/1/download/": here,
        f"{here}versions/1/content/": here,
        f"{here}read/": f"{here}read/",
        f"{here}versions/1/read/": f"{here}versions/1/read/",
        f"/files/archive/?document={paper.uuid}": f"/files/archive/?document={paper.uuid}",
    }


def test_each_way_out_asks_what_the_marking_asks(reader, monkeypatch):
    """Where the table asks nothing, the file goes out; what is asked for is a row of the record, and no byte left."""
    stamp_as_it_is(monkeypatch)
    papers = {marking: marked(marking, reader) for marking in sorted({marking for _done, marking, _word in cells()})}
    for paper in papers.values():
        give_preview(paper)
    wrong = []
    for done, marking, word in cells():
        client, paper = Client(), papers[marking]
        client.force_login(reader)
        TermsAcceptance.objects.all().delete()
        for each in done.split(", "):
            if each == "terms":
                accept_terms([paper], reader)
            elif each != "nothing":
                note_signing_in(client, each.split()[0], ago=int(each.split()[1]))
        for address, back in ways_out(paper).items():
            before = AccessRecord.objects.filter(action=Action.ASKED_FIRST).count()
            answer = client.get(address)
            asked = AccessRecord.objects.filter(action=Action.ASKED_FIRST).count() - before
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            said = place_of(answer, paper)
            gone = b"A line of text" in body
            if said != word or gone != (word == "-") or asked != (word != "-"):
                wrong.append(f"{done} × {marking}: {address}: {said}, {asked} rows, bytes {gone}")
            if word != "-" and parse_qs(urlsplit(answer["Location"]).query)["next"] != [back]:
                wrong.append(f"{address} comes back to {answer['Location']}")
        picture = client.get(f"/files/document/{paper.uuid}/preview/1/small/")
        if (picture.content == b"small") != (word == "-" and marking != "TLP:RED"):
            wrong.append(f"{done} × {marking}: the first page's picture: {picture.status_code}")
    assert wrong == []


def test_head_and_ranges_ask_as_well(reader, signed_in):
    paper, client = marked("TLP:AMBER"), signed_in(reader)
    address = f"/files/document/{paper.uuid}/versions/1/content/"
    for answer in (client.head(address), client.get(address, headers={"range": "bytes=0-4"})):
        assert (place_of(answer, paper), answer.content) == ("terms", b"")


def test_reader_walks_through_what_a_red_paper_asks_and_is_back_where_it_began(reader, signed_in):
    paper, client = marked("TLP:RED", reader), signed_in(reader)
    note_signing_in(client, "mfa", ago=1000)
    here = f"/files/document/{paper.uuid}/read/"
    first = client.get(here)
    assert first["Location"] == f"/files/document/{paper.uuid}/versions/1/terms/?next={quote(here, safe='')}"
    page = html.unescape(client.get(first["Location"]).content.decode())
    assert "I will share this paper only with the people whom its marking allows" in page
    assert paper.title in page
    answer = client.post(first["Location"].split("?")[0], {"terms": 1, "next": here, "accept": ""})
    assert answer["Location"] == f"/account/reauthenticate/?next={quote(here, safe='')}"
    assert "Confirm that it is you" in client.get(answer["Location"]).content.decode()
    answer = client.post("/account/reauthenticate/", {"password": PASSWORD, "next": here})
    assert (answer.status_code, answer["Location"]) == (302, here)
    rows = [
        (row.action, row.reason, row.details)
        for row in AccessRecord.objects.filter(object_id=str(paper.uuid), actor=reader).order_by("pk")
    ]
    assert rows == [
        ("asked_first", "terms", {"version": 1}),
        ("terms_accepted", "", {"version": 1, "terms": 1}),
    ]


def test_whoever_has_no_second_factor_is_told_how_to_get_one(reader, signed_in):
    paper, client = marked("TLP:AMBER+STRICT"), signed_in(reader)
    accept_terms([paper], reader)
    answer = client.get(f"/files/document/{paper.uuid}/download/", follow=True)
    page = html.unescape(answer.content.decode())
    assert answer.request["PATH_INFO"] == f"/files/document/{paper.uuid}/second-factor/"
    assert "It takes two minutes, once" in page
    assert 'href="/account/2fa/totp/activate/"' in page
    note_signing_in(client, "mfa")
    assert client.get(f"/files/document/{paper.uuid}/second-factor/")["Location"] == f"/files/document/{paper.uuid}/"


def test_terms_that_are_not_accepted_open_nothing(reader, signed_in):
    paper, client = marked("TLP:AMBER"), signed_in(reader)
    answer = client.post(f"/files/document/{paper.uuid}/versions/1/terms/", {"decline": "", "terms": 1})
    assert answer["Location"] == f"/files/document/{paper.uuid}/"
    assert place_of(client.get(f"/files/document/{paper.uuid}/download/"), paper) == "terms"
    row = AccessRecord.objects.get(action=Action.TERMS_DECLINED)
    assert (row.actor_id, row.object_id, row.details) == (reader.pk, str(paper.uuid), {"version": 1, "terms": 1})


@pytest.mark.parametrize("number", ["", "0", "2", "x", str(10**20)])
def test_terms_with_another_number_are_not_accepted(reader, signed_in, number):
    paper, client = marked("TLP:AMBER"), signed_in(reader)
    answer = client.post(f"/files/document/{paper.uuid}/versions/1/terms/", {"accept": "", "terms": number})
    assert answer.status_code == 200
    assert "The terms have changed since you opened this page" in answer.content.decode()
    assert not TermsAcceptance.objects.exists()


def test_terms_of_a_paper_that_is_not_the_readers_do_not_exist(reader, signed_in):
    red, client = marked("TLP:RED"), signed_in(reader)
    for address in (f"/files/document/{red.uuid}/versions/1/terms/", f"/files/document/{red.uuid}/second-factor/"):
        assert client.get(address).status_code == 404
    assert client.post(f"/files/document/{red.uuid}/versions/1/terms/", {"terms": 1}).status_code == 404
    assert not TermsAcceptance.objects.exists()


def test_another_file_and_other_words_are_asked_for_anew(reader, signed_in, monkeypatch):
    """Once for each version of the paper, and of the terms; one person's word is nobody else's."""
    stamp_as_it_is(monkeypatch)
    paper, client = marked("TLP:AMBER"), signed_in(reader)
    download, first = f"/files/document/{paper.uuid}/download/", f"/files/document/{paper.uuid}/versions/1/content/"
    accept_terms([paper], make_member())
    assert client.get(download)["Location"].startswith(f"/files/document/{paper.uuid}/versions/1/terms/")
    accept_terms([paper], reader)
    add_version(paper, b"Another line", file_name="paper.txt", inspected=False)
    paper.versions.filter(number=2).update(inspection="passed")
    SharedDocument.objects.filter(pk=paper.pk).update(current_version=paper.versions.get(number=2))
    assert client.get(download)["Location"].startswith(f"/files/document/{paper.uuid}/versions/2/terms/")
    accept_terms([paper], reader)
    assert client.head(download).status_code == 200
    terms.publish(text="Other words.", by=make_administrator())
    assert place_of(client.get(first), paper) == "terms"


@pytest.mark.parametrize("elsewhere", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "x" * 9000])
def test_nobody_is_led_off_the_site(reader, signed_in, elsewhere):
    paper, client = marked("TLP:AMBER"), signed_in(reader)
    address = f"/files/document/{paper.uuid}/versions/1/terms/"
    answer = client.post(address, {"accept": "", "terms": 1, "next": elsewhere})
    assert answer["Location"] == f"/files/document/{paper.uuid}/"


# --- The text of the terms ----------------------------------------------------------------------------------------


def test_administrator_writes_new_terms_and_the_former_ones_stay(signed_in):
    administrator = make_administrator()
    client, address = signed_in(administrator), "/admin/handling-terms/"
    first = terms.current().text
    assert html.escape("I will not remove the marking") in client.get(address).content.decode()
    assert client.post(address, {"text": "Keep it safe.\r\n\r\nTell nobody."})["Location"] == address
    assert [(each.number, each.text) for each in HandlingTerms.objects.all()] == [
        (2, "Keep it safe.\n\nTell nobody."), (1, first),
    ]  # fmt: skip
    row = AccessRecord.objects.get(action=Action.TERMS_CHANGED)
    assert (row.actor_id, row.object_kind, row.object_id) == (administrator.pk, "terms", "2")
    page = client.get(address).content.decode()
    assert "<p>Tell nobody.</p>" in page
    assert "Version 1, since" in page
    client.post(address, {"text": "Keep it safe.\n\nTell nobody."})
    assert HandlingTerms.objects.count() == 2


def test_terms_are_never_empty_and_are_the_administrators(signed_in):
    with pytest.raises(ValidationError):
        terms.publish(text=" \u200b\n", by=make_administrator())
    assert signed_in(make_member()).get("/admin/handling-terms/").status_code == 403
