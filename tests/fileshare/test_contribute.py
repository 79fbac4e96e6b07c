"""Members bring papers: where they may, what comes in, who reads it, and what becomes of it."""

from __future__ import annotations

import datetime

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from fileshare import contribution_form
from fileshare.enums import Inspection, PaperState, Review
from fileshare.markings import Marking
from fileshare.models import Folder, SharedDocument
from fileshare.services import inspect, publish
from members.enums import Action
from members.models import AccessRecord, OutgoingMail
from tests.factories import add_version, make_editor_of, make_folder, make_member, make_paper
from tests.portal.reading import soup_of, words_of

pytestmark = pytest.mark.django_db
MINE = "/files/document/contribute/"


@pytest.fixture
def folder():
    return make_open("Exchange")


def make_open(name, *, groups=(), contributors=()):
    folder = make_folder(name, groups=groups)
    Folder.objects.filter(pk=folder.pk).update(takes_contributions=True)
    folder.folder.contributors.set([Group.objects.get_or_create(name=each)[0] for each in contributors])
    return folder


def file(name="notes.txt", content=b"A few words."):
    return SimpleUploadedFile(name, content)


def bring(client, *files, path="exchange", **said):
    return client.post(f"{MINE}{path}/", {"papers": files or (file(),), **said})


def text_of(response):
    return words_of(BeautifulSoup(response.content, "html.parser"))


def inspected(paper):
    inspect.inspect(version_id=paper.versions.get().pk)
    paper.refresh_from_db()
    return paper


def test_paper_waits_for_an_editor_and_is_read_by_nobody_else(folder, signed_in):
    member, other, editor = make_member(first_name="Ann", last_name="Able"), make_member(), make_editor_of(folder)
    client = signed_in(member)
    answer = bring(client, file("Night_watch.txt"), description="What\u202e we saw.", note="Not for the press.")
    assert (answer.status_code, answer["Location"]) == (302, MINE)
    paper = SharedDocument.objects.get()
    assert (paper.title, paper.description, paper.contributor_note) == (
        "Night watch", "What we saw.", "Not for the press.",
    )  # fmt: skip
    assert (paper.review, paper.contributed_by, paper.collection) == (Review.WAITING, member, folder)
    inspected(paper)
    assert paper.state == PaperState.IN_REVIEW
    for client_of, status in ((member, 404), (other, 404), (editor, 200)):
        assert signed_in(client_of).get(f"/files/document/{paper.uuid}/").status_code == status
        assert signed_in(client_of).head(f"/files/document/{paper.uuid}/download/").status_code == status
    page = soup_of(client, MINE)
    assert "Thank you. Your paper has arrived in “Exchange” and will be looked at by an editor." in words_of(page)
    assert words_of(page.select_one(".contributions li")).startswith("Night watch Night_watch.txt · Exchange · ")
    assert words_of(page.select_one(".contributions .badge")) == "Waiting for an editor"
    assert page.select(".contribute-folders a")[0]["href"] == f"{MINE}exchange/"
    row = AccessRecord.objects.get(action=Action.CONTRIBUTED)
    assert (row.actor, row.object_id) == (member, str(paper.uuid))


def test_folder_offers_it_to_those_who_may(folder, signed_in):
    make_folder("Closed to papers")
    client = signed_in(make_member())
    assert soup_of(client, "/files/exchange/").find("a", string="Bring a paper")["href"] == f"{MINE}exchange/"
    assert soup_of(client, "/files/closed-to-papers/").find("a", string="Bring a paper") is None
    assert "Bring a paper to Exchange" in words_of(soup_of(client, f"{MINE}exchange/"))


@pytest.mark.parametrize(
    ("person", "audience", "contributors", "status"),
    [
        ({}, (), (), 302),
        ({}, (), ("Writers",), 404),
        ({"groups": ("Writers",)}, (), ("Writers",), 302),
        ({"groups": ("Writers",)}, ("Committee",), ("Writers",), 404),
        ({"groups": ("Writers", "Committee")}, ("Committee",), ("Writers",), 302),
        ({"standing": "lapsed"}, (), (), 404),
        ({"standing": "suspended"}, (), (), 404),
        ({"standing": "applicant"}, (), (), 404),
    ],
)
def test_papers_come_from_members_whom_the_folder_lets(person, audience, contributors, status, signed_in):
    make_open("Exchange", groups=audience, contributors=contributors)
    client = signed_in(make_member(**person))
    assert bring(client).status_code == status
    assert client.get(f"{MINE}exchange/").status_code == (200 if status == 302 else 404)
    assert SharedDocument.objects.exists() is (status == 302)


def test_folder_that_takes_none_and_folder_that_is_none_are_the_same(signed_in):
    make_folder("Guidance")
    client = signed_in(make_member())
    assert bring(client, path="guidance").status_code == bring(client, path="nowhere").status_code == 404
    assert Client().post(f"{MINE}guidance/", {"papers": [file()]}).status_code == 302


def test_several_come_at_once_and_a_bad_one_costs_no_other(folder, signed_in):
    answer = bring(
        signed_in(make_member()), file("1.txt"), file("2.exe", b"MZ\x90\x00"), file("3.txt"), file("4.txt", b""),
        title="Only for one", description="Kept words.",
    )  # fmt: skip
    assert answer.status_code == 400
    assert sorted(SharedDocument.objects.values_list("title", flat=True)) == ["1", "3"]
    text = text_of(answer)
    assert "Your 2 papers have arrived in “Exchange”" in text
    assert "“2.exe”: " in text
    assert "“4.txt” is empty." in text
    assert "Kept words." in text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"not a PDF", "“a.pdf”: "),
        ("a.docm", b"PK\x03\x04", "“a.docm”: "),
        ("big.txt", b"x" * 200, "“big.txt” is larger than 100"),
    ],
)
def test_file_that_may_not_come_in_is_told_and_leaves_nothing(folder, name, content, said, signed_in, monkeypatch):
    monkeypatch.setattr(contribution_form, "LARGEST", 100)
    answer = bring(signed_in(make_member()), file(name, content))
    assert answer.status_code == 400
    assert said in text_of(answer)
    assert not SharedDocument.objects.exists()
    assert default_storage.listdir("")[1] == []


def test_no_file_and_too_many_files_are_told(folder, signed_in):
    client = signed_in(make_member())
    nothing = client.post(f"{MINE}exchange/", {"note": "Words."})
    assert (nothing.status_code, "Please choose a file." in text_of(nothing)) == (400, True)
    many = bring(client, *(file(f"{number}.txt") for number in range(21)))
    assert (many.status_code, "no more than 20 files" in text_of(many)) == (400, True)
    assert not SharedDocument.objects.exists()


@pytest.mark.usefixtures("clock_stands")
def test_more_than_a_hundred_an_hour_wait(folder, signed_in, settings):
    settings.ACCOUNT_RATE_LIMITS = {"contribute": "2/h/user"}
    answer = bring(signed_in(make_member()), *(file(f"{number}.txt") for number in range(3)))
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert "You have brought very many papers within the hour. Please bring the rest in an hour." in text_of(answer)
    assert SharedDocument.objects.count() == 2


# --- Here already -----------------------------------------------------------------------------------------------
SAME = b"The same words."


def make_same(title, **fields):
    return make_paper(title, content=SAME, file_name="a.txt", **fields)


def test_file_of_a_paper_that_the_member_may_see_waits_for_a_word(folder, signed_in):
    paper = make_same("The <known> paper", collection=make_folder("Guidance"))
    make_same("Zanzibar", collection=make_folder("Kept", groups=("Few",)))
    client = signed_in(make_member())
    assert soup_of(client, f"{MINE}exchange/").select("[name=same_file_too], .known-file") == []
    answer = bring(client, file("b.txt", SAME), file("other.txt"), note="Kept words.")
    page = BeautifulSoup(answer.content, "html.parser")
    (told,) = page.select(".known-file")
    assert (answer.status_code, words_of(told)) == (
        400, "“b.txt” is the very same file as “The <known> paper” in Guidance, so it was not sent.",
    )  # fmt: skip
    assert [a["href"] for a in told.select("a")] == [paper.get_absolute_url()]
    assert "Zanzibar" not in answer.content.decode()
    assert "Your paper has arrived in “Exchange”" in words_of(page)  # the other one
    assert "Kept words." in words_of(page)
    assert page.select_one("[name=same_file_too]")["type"] == "checkbox"
    assert list(SharedDocument.objects.filter(collection=folder).values_list("title", flat=True)) == ["other"]
    assert bring(client, file("b.txt", SAME), same_file_too="on").status_code == 302
    assert SharedDocument.objects.filter(collection=folder).count() == 2


def test_file_of_a_readable_former_version_is_told_of_too(folder, signed_in):
    add_version(make_same("Replaced"), b"anew", file_name="a.txt")
    assert "“Replaced”" in text_of(bring(signed_in(make_member()), file(content=SAME)))


def _closed_former_version(paper):
    add_version(paper, b"anew", file_name="a.txt")
    Folder.objects.filter(pk=paper.collection_id).update(former_versions_readable=False)


def _one_that_waits(paper):
    paper.versions.update(sha256="0" * 64)
    add_version(paper, SAME, file_name="a.txt", inspected=False)


def _one_in_quarantine(paper):
    _one_that_waits(paper)
    paper.versions.filter(number=2).update(inspection=Inspection.QUARANTINED)


SOON = timezone.now() + datetime.timedelta(days=400)


@pytest.mark.parametrize(
    ("fields", "then"),
    [
        ({"collection": "Kept"}, None),
        ({"marking": Marking.RED}, None),
        ({"publish_at": SOON}, None),
        ({"expires_at": timezone.now() - datetime.timedelta(minutes=1)}, None),
        ({"withdrawn_at": timezone.now()}, None),
        ({"review": Review.WAITING}, None),
        ({"review": Review.DECLINED}, None),
        ({"inspected": False}, None),
        ({}, _closed_former_version),
        ({}, _one_that_waits),
        ({}, _one_in_quarantine),
    ],
)
def test_file_of_a_paper_that_the_member_may_not_see_is_as_any_other(folder, fields, then, signed_in):
    audience = ("Few",) if fields.pop("collection", "") else ()
    marking = fields.pop("marking", Marking.GREEN)
    paper = make_same("Zanzibar", collection=make_folder("Kept", groups=audience), **fields)
    SharedDocument.objects.filter(pk=paper.pk).update(marking=marking)
    if then is not None:
        then(paper)
    client = signed_in(make_member())
    answer = bring(client, file(content=SAME))
    assert (answer.status_code, answer["Location"]) == (302, MINE)
    page = client.get(MINE).content.decode()
    assert "Your paper has arrived" in page
    assert "Zanzibar" not in page


def test_editor_who_decides_sees_that_the_file_is_here_among_what_the_editor_may_see(folder, signed_in):
    bring(signed_in(make_member()), file(content=SAME), title="Brought")
    paper = inspected(SharedDocument.objects.get())
    address = f"/admin/documents/contributions/{paper.pk}/"
    editor = signed_in(make_editor_of(folder))
    assert "This very file is here already" not in words_of(soup_of(editor, address))
    embargoed = make_same("Soon out", collection=folder, publish_at=SOON)
    read = make_same("Read elsewhere", collection=make_folder("Guidance"))
    make_same("Zanzibar", collection=make_folder("Kept", groups=("Few",)))
    page = soup_of(editor, address)
    said = "This very file is here already: “Read elsewhere” (Guidance, version 1), “Soon out” (Exchange, version 1)."
    assert said in words_of(page)
    ways = {a["href"] for a in page.select("dl.paper-state a[target]")}
    assert ways == {read.get_absolute_url(), f"/admin/documents/edit/{embargoed.pk}/"}
    assert "Zanzibar" not in page.get_text()


# --- The editor's decision --------------------------------------------------------------------------------------
@pytest.fixture
def paper(folder, signed_in):
    member = make_member("ann@example.org", first_name="Ann", last_name="Able")
    bring(signed_in(member), file(), title="Night watch", note="Not for the press.")
    return inspected(SharedDocument.objects.get())


def decide(client, paper, **said):
    return client.post(f"/admin/documents/contributions/{paper.pk}/", said)


def test_paper_that_is_taken_in_is_there_for_members(paper, folder, signed_in):
    client = signed_in(make_editor_of(folder))
    desk = soup_of(client, "/admin/").find("a", string="Night watch")
    assert desk["href"] == f"/admin/documents/contributions/{paper.pk}/"
    page = words_of(soup_of(client, desk["href"]))
    assert "Brought by Ann Able" in page
    assert "Not for the press." in page
    assert decide(client, paper, accept="1").status_code == 302
    member = signed_in(make_member())
    facts = words_of(soup_of(member, f"/files/document/{paper.uuid}/"))
    assert "Brought by Ann Able" in facts
    (mail,) = OutgoingMail.objects.all()
    assert (mail.address, mail.subject) == ("ann@example.org", "TLP:GREEN: your paper has been taken in")
    assert "“Night watch”" in mail.text
    assert soup_of(client, "/admin/").find("a", string="Night watch", href=desk["href"]) is None
    assert AccessRecord.objects.get(action=Action.CONTRIBUTION_ACCEPTED).object_id == str(paper.uuid)


@pytest.mark.parametrize("decision", [{"accept": "1"}, {"decline": "1", "note": "It is out already."}])
def test_mail_does_not_name_a_paper_that_is_restricted_by_now(paper, folder, signed_in, decision):
    SharedDocument.objects.filter(pk=paper.pk).update(marking="TLP:AMBER")
    assert decide(signed_in(make_editor_of(folder)), paper, **decision).status_code == 302
    (mail,) = OutgoingMail.objects.all()
    assert mail.subject.startswith("TLP:AMBER: your paper has ")
    assert mail.text.startswith("TLP:AMBER\n\nGood day, Ann,\n\nThank you for the paper that you brought. ")
    assert "Night watch" not in mail.text


def test_paper_that_is_not_taken_in_goes_with_a_reason(paper, folder, signed_in):
    client = signed_in(make_editor_of(folder))
    wanting = decide(client, paper, decline="1", note=" ")
    assert "Please give the reason: whoever brought the paper reads it." in text_of(wanting)
    assert decide(client, paper, decline="1", note="It is out already.").status_code == 302
    paper.refresh_from_db()
    assert (paper.review, paper.state) == (Review.DECLINED, PaperState.DECLINED)
    contributor = signed_in(paper.contributed_by)
    state = words_of(soup_of(contributor, MINE).select_one(".contributions li"))
    assert state.endswith("Not taken in It is out already.")
    assert contributor.get(f"/files/document/{paper.uuid}/").status_code == 404
    (mail,) = OutgoingMail.objects.all()
    assert mail.subject == "TLP:GREEN: your paper has not been taken in"
    assert "reason:\n\nIt is out already.\n" in mail.text


@pytest.mark.parametrize("said", [{"accept": "1"}, {"decline": "1", "note": "A reason."}])
def test_paper_is_decided_about_once(paper, folder, said, signed_in):
    client = signed_in(make_editor_of(folder))
    decide(client, paper, accept="1")
    assert decide(client, paper, **said).status_code == 404
    assert OutgoingMail.objects.count() == 1


def test_paper_whose_file_is_not_checked_is_not_taken_in(folder, signed_in):
    bring(signed_in(make_member()), file())
    paper = SharedDocument.objects.get()
    client = signed_in(make_editor_of(folder))
    assert "Its file is still being checked." in text_of(decide(client, paper, accept="1"))
    paper.refresh_from_db()
    assert paper.review == Review.WAITING


def test_decision_belongs_to_the_folders_editors(paper, signed_in):
    assert decide(signed_in(make_editor_of(make_folder())), paper, accept="1").status_code == 404
    assert decide(signed_in(paper.contributed_by), paper, accept="1").status_code == 403
    paper.refresh_from_db()
    assert paper.review == Review.WAITING


def test_withdrawn_contribution_says_so_to_who_brought_it(paper, folder, signed_in):
    decide(signed_in(make_editor_of(folder)), paper, accept="1")
    paper.refresh_from_db()
    publish.withdraw(document=paper, by=None, reason="For the editors.")
    state = words_of(soup_of(signed_in(paper.contributed_by), MINE).select_one(".contributions li"))
    assert state.endswith("Taken away An editor has withdrawn it.")


def test_contribution_whose_file_is_destroyed_says_so_to_who_brought_it(paper, folder, signed_in):
    decide(signed_in(make_editor_of(folder)), paper, accept="1")
    paper.versions.update(destroyed_at=timezone.now())
    state = words_of(soup_of(signed_in(paper.contributed_by), MINE).select_one(".contributions li"))
    assert state.endswith("Destroyed Its time here is over, and its file has been destroyed.")


def test_papers_of_others_are_not_mine(paper, signed_in):
    make_paper(content=b"x", file_name="a.txt")
    assert "Night watch" not in words_of(soup_of(signed_in(make_member()), MINE))
