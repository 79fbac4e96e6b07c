"""Papers that ask to be confirmed: whom they ask, what counts, who sees it, who is reminded."""

from __future__ import annotations

import datetime

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from fileshare import access, acknowledging
from fileshare.models import Acknowledgement, SharedDocument
from fileshare.services import inspect, publish, upload
from fileshare.tasks import remind_members
from members.enums import Action
from members.models import AccessRecord, OutgoingMail, User
from tests.factories import (
    make_administrator,
    make_editor_of,
    make_folder,
    make_member,
    make_paper,
    make_user,
)
from tests.portal.reading import soup_of, words_of

pytestmark = pytest.mark.django_db


def today(days=0):
    return timezone.localdate() + datetime.timedelta(days=days)


def asking(title="Read me", *, days=7, **fields):
    fields.setdefault("content", title.encode())
    return make_paper(title, file_name="a.txt", acknowledge_by=today(days), **fields)


def new_version(paper, *, asks_again=False, inspected=True):
    file = ContentFile(b"anew", name="a.txt")
    version = upload.replace(document=paper, file=file, name="a.txt", by=None, asks_again=asks_again)
    if inspected:
        inspect.inspect(version_id=version.pk)


def confirm(client, paper, version="1"):
    return client.post(f"/files/document/{paper.uuid}/confirm/", {"version": version}, follow=True)


def panel(client, paper):
    found = soup_of(client, f"/files/document/{paper.uuid}/").select_one("#confirm")
    return words_of(found) if found else ""


def answer_words(response):
    return words_of(BeautifulSoup(response.content, "html.parser"))


def said(response):
    return [words_of(each) for each in BeautifulSoup(response.content, "html.parser").select(".message-list li")]


def test_member_confirms_a_version_once(signed_in):
    paper, member = asking(), make_member()
    client = signed_in(member)
    until = f"{today(7):%-d %B %Y}"
    assert panel(client, paper) == (
        f"Please confirm that you have read it You are asked to do so by {until}. Whoever looks after the paper sees "
        "who has confirmed it and when. I have read version 1"
    )
    for _ in range(2):
        assert said(confirm(client, paper)) == ["Thank you. Your confirmation is kept."]
    given = Acknowledgement.objects.get()
    assert (given.document, given.version.number, given.user) == (paper, 1, member)
    row = AccessRecord.objects.get(action=Action.ACKNOWLEDGED)
    assert (row.actor, row.object_id, row.details) == (member, str(paper.uuid), {"version": 1})
    assert panel(client, paper) == (
        f"You have confirmed this paper On {today():%-d %B %Y} you confirmed that you had read version 1."
    )


def test_paper_that_asks_nothing_takes_no_confirmation(signed_in):
    paper, client = make_paper(content=b"x", file_name="a.txt"), signed_in(make_member())
    assert panel(client, paper) == ""
    assert said(confirm(client, paper)) == ["This paper does not ask you for a confirmation."]
    assert not Acknowledgement.objects.exists()


@pytest.mark.parametrize("version", ["", "x", "-1", "١", "9" * 30, "1.0"])
def test_confirmation_of_no_version_is_told(version, signed_in):
    paper = asking()
    assert said(confirm(signed_in(make_member()), paper, version)) == [
        "Something was missing. Please confirm once more."
    ]


def test_version_that_is_no_longer_is_not_confirmed(signed_in):
    paper, client = asking(), signed_in(make_member())
    new_version(paper)
    assert said(confirm(client, paper, "1")) == [
        "There is a newer version of this paper than the one that you confirmed. Please read it and confirm that."
    ]
    assert said(confirm(client, paper, "2")) == ["Thank you. Your confirmation is kept."]


@pytest.mark.parametrize("asks_again", [False, True])
def test_new_version_asks_again_only_if_the_editor_says_so(asks_again, signed_in):
    paper, member = asking(), make_member()
    client = signed_in(member)
    confirm(client, paper)
    new_version(paper, asks_again=asks_again, inspected=False)
    assert list(acknowledging.waiting_for(member)) == []
    inspect.inspect(version_id=paper.versions.get(number=2).pk)
    assert list(acknowledging.waiting_for(member)) == ([paper] if asks_again else [])
    paper.refresh_from_db()
    (asked,) = acknowledging.people_asked(paper)
    assert asked.confirmed_version == (None if asks_again else 1)
    assert ("need not be confirmed again" in panel(client, paper)) is not asks_again


def test_paper_is_confirmed_by_post_from_its_readers_alone(signed_in):
    paper = asking(collection=make_folder(groups=("Committee",)))
    address = f"/files/document/{paper.uuid}/confirm/"
    assert signed_in(make_member()).post(address, {"version": "1"}).status_code == 404
    assert Client().post(address, {"version": "1"}).status_code == 302
    assert signed_in(make_member(groups=("Committee",))).get(address).status_code == 405
    assert not Acknowledgement.objects.exists()


def test_list_shows_what_waits_for_the_member_first_due_first(signed_in):
    member = make_member()
    client = signed_in(member)
    later, sooner, done = asking("Later", days=9), asking("Sooner", days=2), asking("Done")
    asking("Closed", collection=make_folder(groups=("Committee",)))
    make_paper("Silent", content=b"x", file_name="a.txt")
    confirm(client, done)
    page = soup_of(client, "/files/document/to-confirm/")
    assert [each["data-document"] for each in page.select(".paper-row")] == [str(sooner.uuid), str(later.uuid)]
    assert f"To be confirmed by {today(2):%-d %B %Y}" in words_of(page.select_one(".paper-row"))
    for each in (later, sooner):
        confirm(client, each)
    assert "Nothing waits for you" in words_of(soup_of(client, "/files/document/to-confirm/"))


def test_administrator_outside_the_audience_is_not_asked(signed_in):
    paper, administrator = asking(collection=make_folder(groups=("Committee",))), make_administrator()
    assert panel(signed_in(administrator), paper) == ""
    assert administrator not in acknowledging.people_asked(paper)


# --- For editors ------------------------------------------------------------------------------------------------
@pytest.fixture
def folder():
    return make_folder("Guidance", groups=("Committee",))


@pytest.fixture
def paper(folder):
    return asking(collection=folder)


def rows(client, paper, query=""):
    page = soup_of(client, f"/admin/documents/confirmations/{paper.pk}/{query}")
    return page, [[words_of(cell) for cell in row.select("td")] for row in page.select("table.listing tbody tr")]


def test_editor_sees_who_has_and_who_has_not(paper, folder, signed_in):
    ann = make_member("ann@example.org", groups=("Committee",), first_name="Ann", last_name="Able")
    bob = make_member("bob@example.org", groups=("Committee",), first_name="Bob", last_name="Baker")
    make_member(groups=("Committee",), standing="lapsed")
    make_member("outside@example.org")
    confirm(signed_in(ann), paper)
    client = signed_in(make_editor_of(folder))
    page, found = rows(client, paper)
    assert found[0] == ["Bob Baker", bob.email, "", "Not yet", ""]
    assert found[1][:3] == ["Ann Able", ann.email, ""]
    assert found[1][3].startswith(f"{today():%-d %B %Y}")
    assert found[1][4] == "1"
    assert len(found) == 2
    assert "1 of 2 members has confirmed this paper." in words_of(page)
    assert [words_of(each) for each in page.select(".pagination__end")] == ["2 members"]
    confirmed, some = rows(client, paper, "?confirmed=yes")
    assert [row[1] for row in some] == [ann.email]
    assert [words_of(each) for each in confirmed.select(".pagination__end")] == ["1 member"]
    assert [row[1] for row in rows(client, paper, "?confirmed=no")[1]] == [bob.email]
    link = soup_of(client, f"/admin/documents/edit/{paper.pk}/").find("a", string="Who has confirmed it")
    assert link["href"] == f"/admin/documents/confirmations/{paper.pk}/"


def test_list_is_exported_as_inert_text(paper, folder, signed_in):
    make_member("ann@example.org", groups=("Committee",), first_name="=1+1", last_name="Able")
    client = signed_in(make_editor_of(folder))
    text = b"".join(client.get(f"/admin/documents/confirmations/{paper.pk}/?export=csv")).decode()
    assert text.splitlines()[1].startswith("'=1+1 Able,ann@example.org,")
    whole = client.get(f"/admin/documents/confirmations/{paper.pk}/?export=xlsx")
    assert b"".join(whole).startswith(b"PK")


def test_list_with_its_names_and_addresses_does_not_leave_without_a_row(paper, folder, signed_in):
    confirm(signed_in(make_member(groups=("Committee",))), paper)
    editor = make_editor_of(folder)
    for kind in ("csv", "xlsx"):
        list(signed_in(editor).get(f"/admin/documents/confirmations/{paper.pk}/?export={kind}&confirmed=yes"))
        row = AccessRecord.objects.select_related("said").first()
        assert (row.action, row.actor, row.object_kind, row.object_id, row.said.text) == (
            Action.REPORT_EXPORTED, editor, "document", str(paper.uuid), f"export={kind}&confirmed=yes",
        )  # fmt: skip


def work() -> None:
    """The worker reminds, as the editor asked."""
    for waiting in DBTaskResult.objects.filter(task_path="fileshare.tasks.remind_members"):
        remind_members.call(*waiting.args_kwargs["args"])
        waiting.delete()


def test_those_who_have_not_are_reminded_once_a_day(paper, folder, signed_in):
    ann, bob = (make_member(f"{each}@example.org", groups=("Committee",)) for each in ("ann", "bob"))
    confirm(signed_in(ann), paper)
    client = signed_in(make_editor_of(folder))
    answer = client.post(f"/admin/documents/confirmations/{paper.pk}/", follow=True)
    said = "The member who has not confirmed it will be reminded by mail, unless that was done today already."
    assert said in answer_words(answer)
    work()
    (mail,) = OutgoingMail.objects.all()
    assert (mail.user, mail.subject) == (bob, "TLP:GREEN: please confirm “Read me”")
    assert mail.text.startswith(
        f"TLP:GREEN\n\nGood day, {bob.first_name},\n\n“Read me” asks you to confirm by {today(7):%-d %B %Y}"
    )
    assert f"/files/document/{paper.uuid}/\n" in mail.text
    answer = client.post(f"/admin/documents/confirmations/{paper.pk}/", follow=True)
    assert said in answer_words(answer)
    work()
    assert OutgoingMail.objects.count() == 1
    (row,) = AccessRecord.objects.filter(action=Action.REMINDED)
    assert (row.object_id, row.details) == (str(paper.uuid), {"reminded": 1})
    confirm(signed_in(bob), paper)
    answer = client.post(f"/admin/documents/confirmations/{paper.pk}/", follow=True)
    assert "Nobody is written to: everybody has confirmed it." in answer_words(answer)


def test_paper_that_was_withdrawn_before_the_worker_came_reminds_nobody(paper, folder):
    make_member(groups=("Committee",))
    publish.withdraw(document=paper, by=None, reason="A slip.")
    remind_members.enqueue(paper.pk, make_editor_of(folder).pk)
    work()
    assert not OutgoingMail.objects.exists()


def test_mail_does_not_name_a_restricted_paper(paper, folder, signed_in):
    SharedDocument.objects.filter(pk=paper.pk).update(marking="TLP:AMBER")
    make_member(groups=("Committee",))
    signed_in(make_editor_of(folder)).post(f"/admin/documents/confirmations/{paper.pk}/")
    work()
    (mail,) = OutgoingMail.objects.all()
    assert mail.subject == "TLP:AMBER: please confirm a restricted paper"
    assert mail.text.startswith("TLP:AMBER\n\nGood day,")
    assert "Read me" not in mail.text


def test_nobody_is_asked_to_read_what_nobody_can_read(paper, folder, signed_in):
    make_member(groups=("Committee",))
    publish.withdraw(document=paper, by=None, reason="A slip.")
    answer = signed_in(make_editor_of(folder)).post(f"/admin/documents/confirmations/{paper.pk}/", follow=True)
    assert "Members cannot see this paper now" in answer_words(answer)
    assert not OutgoingMail.objects.exists()


def test_list_belongs_to_those_who_may_change_the_paper(paper, signed_in):
    address = f"/admin/documents/confirmations/{paper.pk}/"
    other = signed_in(make_editor_of(make_folder()))
    assert other.get(address).status_code == other.post(address).status_code == 404
    assert other.get("/admin/documents/confirmations/999999/").status_code == 404
    assert signed_in(make_member(groups=("Committee",))).get(address).status_code == 403


def test_editor_asks_by_a_day_ahead_and_asks_again(paper, folder, signed_in):
    client = signed_in(make_editor_of(folder))
    address = f"/admin/documents/edit/{paper.pk}/"
    form = soup_of(client, address)
    sent = {
        field["name"]: field.get("value", "")
        for field in form.select("form input[name]:not([type=file]):not([type=checkbox])")
    } | {"collection": folder.pk, "marking": "TLP:GREEN", "description": "", "recipient_addresses": "", "source": ""}
    answer = client.post(address, {**sent, "acknowledge_by": today(-1).isoformat()})
    assert "Please choose today or a later day, within the next two years." in answer_words(answer)
    file = ContentFile(b"anew", name="b.txt")
    answer = client.post(address, {**sent, "acknowledge_by": today(3).isoformat(), "change": "again", "file": file})
    assert answer.status_code == 302
    paper.refresh_from_db()
    assert paper.acknowledge_by == today(3)
    assert paper.versions.get(number=2).asks_again


class ReadersAgree(TestCase):
    """The policy turned round names the same people as the policy itself."""

    @settings(max_examples=15, deadline=None)
    @given(
        above=st.booleans(), here=st.booleans(), red=st.booleans(), named=st.booleans(),
        standing=st.sampled_from(["current", "lapsed", "suspended", "applicant"]),
        groups=st.sets(st.sampled_from(["North", "South"])), out=st.booleans(),
    )  # fmt: skip
    def test_readers_of_a_paper_are_those_whom_it_asks(self, above, here, red, named, standing, groups, out):
        roof = make_folder(groups=("North",) if above else ())
        folder = make_folder(parent=roof, groups=("South",) if here else ())
        member, other = make_member(standing=standing, groups=tuple(groups)), make_user()
        paper = asking(collection=folder, recipients=(member,) if named else ())
        SharedDocument.objects.filter(pk=paper.pk).update(marking="TLP:RED" if red else "TLP:GREEN")
        paper.refresh_from_db()
        is_reader = SharedDocument.objects.visible_to(member).filter(pk=paper.pk).exists()
        assert (member in access.readers_of(paper)) == is_reader
        assert acknowledging.asked_of(member).filter(pk=paper.pk).exists() == is_reader
        assert other not in access.readers_of(paper)
        if out:
            publish.withdraw(document=paper, by=None, reason="A slip.")
            assert not acknowledging.asked_of(member).filter(pk=paper.pk).exists()
        assert User.objects.filter(pk=other.pk).exists()
