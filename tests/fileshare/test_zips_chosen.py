"""Papers chosen in a list: how many, whose, and the address of the zip that the form is answered with."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.test import Client

from fileshare import selections
from fileshare.models import SharedDocument
from fileshare.views import archive as view
from members import audit
from members.models import AccessRecord
from tests.factories import make_folder, make_member, make_paper
from tests.fileshare.answers import bytes_of, newest_rows

pytestmark = pytest.mark.django_db
ARCHIVE = "/files/archive/"
KEPT = re.compile(r"/files/archive/\?chosen=[0-9a-f]{32}")


@pytest.fixture
def member(signed_in):
    return signed_in(make_member())


@pytest.fixture
def with_a_key(monkeypatch):
    """As if a single paper were too many for an address."""
    monkeypatch.setattr(view, "MAX_NAMED", 0)


def text_paper(title, folder=None):
    return make_paper(title, collection=folder, content=f"Text of {title}".encode(), file_name="paper.txt")


def choose(client, *papers):
    """The answer to the list's form."""
    return client.post(ARCHIVE, {"document": [str(getattr(paper, "uuid", paper)) for paper in papers]})


def unpacked(response):
    assert response.status_code == 200
    with zipfile.ZipFile(io.BytesIO(bytes_of(response))) as archive:
        assert archive.testzip() is None
        return [archive.read(each).decode() for each in archive.infolist()]


def sentence_of(response):
    return response.status_code, re.findall(r"<p>([^<]+)</p>", response.content.decode())[0]


def unknown(count):
    return [uuid.UUID(int=number) for number in range(count)]


def test_form_leads_to_the_address_that_names_the_papers(member):
    one, two = text_paper("One"), text_paper("Two")
    rows = AccessRecord.objects.count()
    answer = choose(member, two, "nonsense", one, two, str(one.uuid).upper())
    address = f"/files/archive/?document={two.uuid}&document={one.uuid}"
    assert (answer.status_code, answer["Location"], answer["Cache-Control"]) == (302, address, "private, no-store")
    assert AccessRecord.objects.count() == rows
    assert unpacked(member.get(address)) == ["Text of Two", "Text of One"]


def test_as_many_as_an_address_names_are_named_and_one_more_has_a_key(member):
    paper = text_paper("One")
    named = choose(member, paper, *unknown(149))["Location"]
    assert (named.count("document="), len(named) < 8000) == (150, True)
    kept = choose(member, paper, *unknown(150))["Location"]
    assert KEPT.fullmatch(kept)
    assert unpacked(member.get(kept)) == ["Text of One"]


def test_as_many_as_a_zip_holds_are_taken_and_one_more_is_a_sentence(member, monkeypatch):
    papers = [text_paper(title) for title in ("One", "Two", "Three")]
    monkeypatch.setattr(view, "MAX_PAPERS", 2)
    assert choose(member, *papers[:2]).status_code == 302
    assert sentence_of(choose(member, *papers)) == (
        400, "You have chosen 3 papers, and a zip holds up to 2. Please choose fewer, or download whole folders.",
    )  # fmt: skip


@pytest.mark.parametrize("count", [5_001, 10_000])
def test_more_than_a_zip_holds_is_a_sentence_and_no_row(member, count):
    rows = AccessRecord.objects.count()
    said = f"You have chosen {count:,} papers, and a zip holds up to 5,000. Please choose fewer, or"
    assert sentence_of(choose(member, *unknown(count))) == (400, f"{said} download whole folders.")
    assert AccessRecord.objects.count() == rows


def test_form_without_a_paper_is_a_sentence(member):
    for fields in ({}, {"papers": "1"}):
        assert sentence_of(member.post(ARCHIVE, fields)) == (
            400, "No paper is chosen. Please go back, tick the papers that you want, and try again.",
        )  # fmt: skip
    assert choose(member, "nonsense", "").status_code == 404


@pytest.mark.usefixtures("with_a_key")
def test_zip_with_a_key_is_resumed_at_any_byte(member):
    address = choose(member, text_paper("One"), text_paper("Two"))["Location"]
    whole = member.get(address)
    content, tag = bytes_of(whole), whole["ETag"]
    head = member.head(address)
    assert (bytes_of(head), dict(head.items())) == (b"", dict(whole.items()))
    for cut in (1, 40, len(content) - 1):
        rest = member.get(address, headers={"range": f"bytes={cut}-", "if-range": tag})
        assert (rest.status_code, bytes_of(rest)) == (206, content[cut:])


@pytest.mark.usefixtures("with_a_key")
def test_what_is_not_mine_is_a_row_when_it_is_chosen_and_not_in_the_zip(signed_in):
    user = make_member()
    client, mine, hidden = signed_in(user), text_paper("Mine"), text_paper("Hidden", make_folder(groups=("Committee",)))
    nowhere = uuid.uuid4()
    rows = AccessRecord.objects.count()
    address = choose(client, hidden, mine, nowhere)["Location"]
    assert newest_rows(AccessRecord.objects.count() - rows) == [
        ("refused", user.pk, "document", str(hidden.uuid), "not_in_audience", {}),
        ("refused", user.pk, "document", str(nowhere), "unknown", {}),
    ]
    assert unpacked(client.get(address)) == ["Text of Mine"]
    assert [row[0] for row in newest_rows(AccessRecord.objects.count() - rows)] == ["refused", "refused", "downloaded"]


@pytest.mark.usefixtures("with_a_key")
def test_refusals_are_written_some_at_a_time_so_that_others_need_not_wait_long(member, monkeypatch):
    """Each time is a transaction, to whose end the lock of the record's chain lasts."""
    monkeypatch.setattr(view, "ROWS_AT_ONCE", 2)
    paper, hidden, nowhere = text_paper("One"), text_paper("Hidden", make_folder(groups=("Committee",))), unknown(5)
    rows, record_many, written = AccessRecord.objects.count(), audit.record_many, []

    def counted(*args, **kwargs):
        record_many(*args, **kwargs)
        written.append(AccessRecord.objects.count() - rows)

    monkeypatch.setattr(audit, "record_many", counted)
    assert choose(member, *nowhere, paper, hidden).status_code == 302
    assert written == [2, 4, 5, 6]
    assert [row[3:5] for row in newest_rows(6)] == [
        *[(str(each), "unknown") for each in nowhere], (str(hidden.uuid), "not_in_audience"),
    ]  # fmt: skip


@pytest.mark.usefixtures("with_a_key")
def test_choice_of_nothing_that_is_mine_does_not_exist(member):
    rows = AccessRecord.objects.count()
    answers = [choose(member, text_paper("Hidden", make_folder(groups=("Committee",)))), choose(member, uuid.uuid4())]
    assert {(answer.status_code, "There is nothing here for you to see" in answer.content.decode())
            for answer in answers} == {(404, True)}  # fmt: skip
    assert AccessRecord.objects.filter(pk__gt=rows, action="refused").count() == 2


@pytest.mark.usefixtures("with_a_key")
def test_key_opens_nothing_that_is_no_longer_mine(member):
    one, two = text_paper("One"), text_paper("Two")
    address = choose(member, one, two)["Location"]
    SharedDocument.objects.filter(pk=one.pk).update(collection=make_folder(groups=("Committee",)))
    assert unpacked(member.get(address)) == ["Text of Two"]
    assert [row[0] for row in newest_rows(2)] == ["refused", "downloaded"]
    SharedDocument.objects.filter(pk=two.pk).update(collection=make_folder(groups=("Board",)))
    assert member.get(address).status_code == 404


@pytest.mark.usefixtures("with_a_key")
def test_key_is_for_whoever_chose_and_for_some_hours(member, signed_in):
    paper = text_paper("One")
    address = choose(member, paper)["Location"]
    said = "What you chose is no longer there: your last 5 choices are kept, for 12 hours."
    gone = (400, f"{said} Please choose the papers again.")
    assert sentence_of(signed_in(make_member()).get(address)) == gone
    assert unpacked(member.get(address)) == ["Text of One"]
    cache.clear()
    for lost in (address, f"{ARCHIVE}?chosen=x", f"{ARCHIVE}?chosen=%00", f"{ARCHIVE}?chosen=" + "0" * 300):
        assert sentence_of(member.get(lost)) == gone
    assert choose(member, paper)["Location"] == address


def test_last_five_choices_of_a_person_are_kept_as_long_as_it_says_and_take_no_more_places(monkeypatch):
    person, other, papers = make_member(), make_member(), [[paper] for paper in unknown(7)]
    hers = selections.keep(other, papers[0])
    keys = [selections.keep(person, each) for each in papers[:5]]
    assert selections.keep(person, papers[0]) == keys[0]  # the newest by now
    kept, put = {}, cache.set
    monkeypatch.setattr(
        cache, "set", lambda name, value, seconds: kept.update({name: seconds}) or put(name, value, seconds)
    )
    keys += [selections.keep(person, each) for each in papers[5:]]
    assert [selections.kept(person, key) for key in keys] == [papers[0], None, None, *papers[3:]]
    assert selections.kept(other, hers) == papers[0]
    keys += [selections.keep(person, [paper]) for paper in unknown(40)]
    places = {f"fileshare.chosen:{person.pk}:{place}" for place in ("places", 0, 1, 2, 3, 4)}
    assert kept == dict.fromkeys(places, 12 * 60 * 60)


def test_choices_made_at_once_take_no_more_places_and_none_is_another_s(monkeypatch):
    """Of two that have read which places there are, the second one to write has its way."""
    person, (one, two) = make_member(), unknown(2)
    lost, stale = selections.keep(person, [one]), {}
    with monkeypatch.context() as before:
        before.setattr(selections, "_places", lambda person: stale)
        key = selections.keep(person, [two])
    assert (selections.kept(person, lost), selections.kept(person, key)) == (None, [two])
    cache.set(f"fileshare.chosen:{person.pk}:places", {lost: 0})  # had the other one written its list last
    assert (selections.kept(person, lost), selections.kept(person, key)) == (None, None)


@pytest.mark.usefixtures("with_a_key")
def test_requirement_of_any_paper_comes_before_the_zip_and_leads_back_to_its_key(member):
    one, two = text_paper("One"), text_paper("Two")
    SharedDocument.objects.filter(pk=two.pk).update(marking="TLP:AMBER")
    address = choose(member, one, two)["Location"]
    response = member.get(address)
    terms = f"/files/document/{two.uuid}/versions/1/terms/?next={quote(address, safe='')}"
    assert (response.status_code, response["Location"]) == (302, terms)


@pytest.mark.usefixtures("with_a_key")
def test_who_chooses_many_papers_many_times_is_told_when_to_come_again(member, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "choose": "1/h/user"}
    paper = text_paper("One")
    assert choose(member, paper).status_code == 302
    answer = choose(member, paper)
    assert sentence_of(answer)[1].startswith("You have chosen many papers many times in this hour. Please try again ")
    assert (answer.status_code, 3000 < int(answer["Retry-After"]) <= 3600) == (429, True)


@pytest.mark.usefixtures("with_a_key")
def test_key_to_what_is_no_longer_mine_writes_no_rows_without_end(member, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "zip": "2/h/user"}
    paper = text_paper("One")
    address = choose(member, paper)["Location"]
    SharedDocument.objects.update(collection=make_folder(groups=("Committee",)))
    assert [member.get(address).status_code for _ in range(4)] == [404, 404, 429, 429]
    assert AccessRecord.objects.filter(action="refused").count() == 2


def test_form_without_its_token_is_refused(signed_in):
    client, paper = Client(enforce_csrf_checks=True), text_paper("One")
    client.force_login(make_member())
    rows = AccessRecord.objects.count()
    answer = choose(client, paper)
    assert (answer.status_code, "The form could not be accepted" in answer.content.decode()) == (403, True)
    assert AccessRecord.objects.count() == rows


def test_list_sends_its_token(signed_in):
    client, folder = Client(enforce_csrf_checks=True), make_folder("Many")
    client.force_login(make_member())
    paper = text_paper("One", folder)
    form = re.search(r'id="fetch".*?</form>', client.get("/files/many/").content.decode(), re.DOTALL)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form[0])[1]
    answer = client.post(ARCHIVE, {"document": str(paper.uuid), "csrfmiddlewaretoken": token})
    assert (answer.status_code, answer["Location"]) == (302, f"/files/archive/?document={paper.uuid}")


@pytest.mark.parametrize(
    "body", [b"&".join([b"document="] * 12_001), b"document=" + b"0" * 2_700_000], ids=["fields", "bytes"]
)
def test_more_than_any_form_holds_is_a_page_of_the_site(member, body):
    answer = member.post(ARCHIVE, body, content_type="application/x-www-form-urlencoded")
    said = (
        "What you sent is more than this page takes. Please go back and send less: fewer things ticked, a shorter text"
    )
    assert sentence_of(answer) == (413, f"{said} or a smaller file.")
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.usefixtures("with_a_key")
def test_choice_takes_as_many_questions_for_thirty_papers_as_for_two(member, django_assert_num_queries, monkeypatch):
    """But for those of the cache, which counts and keeps it."""
    monkeypatch.setattr(selections, "keep", lambda person, papers: f"{len(papers):032}")
    monkeypatch.setattr(view.limits, "allows", lambda *args, **kwargs: True)
    papers = [text_paper(f"Paper {number}") for number in range(30)]
    for some in (papers[:2], papers):
        with django_assert_num_queries(3):
            assert choose(member, *some)["Location"] == f"{ARCHIVE}?chosen={len(some):032}"
