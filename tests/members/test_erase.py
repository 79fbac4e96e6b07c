"""Leaving: closed at once, with a way back; then erased, once, with a record that stays; also after a restore."""

from __future__ import annotations

import datetime
import io
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core import mail as django_mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.contrib.forms.models import FormSubmission
from wagtail.models import ModelLogEntry, Page
from wagtail.tasks import delete_file_from_storage_task

from members import audit, mail, record_words
from members.enums import Action, Standing
from members.models import (
    AccessRecord,
    DataExport,
    ErasedPerson,
    Membership,
    OutgoingMail,
    Profile,
    RecordedWords,
    User,
)
from members.services import erase, erased_list, export_data
from members.services import membership as memberships
from portal.models import Author, Comment, CommentState
from tests.factories import PASSWORD, make_administrator, make_member, make_paper, make_post, make_user
from tests.members import leaving
from tests.members.leaving import (
    ADDRESS,
    FORTNIGHT,
    LEAVE,
    NAME,
    PRIVACY,
    STAY,
    WITH,
    WITHOUT,
    after_the_fortnight,
    confirm,
    leave,
    run_at,
)

pytestmark = pytest.mark.django_db
list_of_its_own = leaving.list_of_its_own
pat = leaving.pat


def whole_database() -> str:
    """Every row of every table, as text."""
    out = io.StringIO()
    call_command("dumpdata", "--all", stdout=out)
    return out.getvalue() + "".join(str(each.get_decoded()) for each in Session.objects.all())


# --- To leave, and to come back -----------------------------------------------------------------------------------


def test_leaving_asks_for_the_password_and_for_a_choice(pat, signed_in):
    client = signed_in(pat)
    assert client.get(LEAVE)["Location"] == f"/account/reauthenticate/?next={quote(LEAVE, safe='')}"
    assert client.post(LEAVE, WITHOUT)["Location"] == f"/account/reauthenticate/?next={quote(LEAVE, safe='')}"
    pat.refresh_from_db()
    assert pat.leaves_at is None
    confirm(client)
    for wrong, said in (
        ({}, "Please say whether your comments and posts keep your name."),
        ({"name": "keeps"}, "Please tick this box if you want to leave."),
        ({"name": "other", "is_meant": "on"}, "Select a valid choice"),
    ):
        response = client.post(LEAVE, wrong)
        assert (response.status_code, said in response.content.decode()) == (400, True)
    pat.refresh_from_db()
    assert pat.leaves_at is None


def test_papers_close_at_once_and_everything_says_how_to_come_back(pat, signed_in):
    paper = make_paper("A paper", content=b"x", file_name="a.txt")
    client = signed_in(pat)
    assert client.get(paper.get_absolute_url()).status_code == 200
    leave(client)
    for address in (paper.get_absolute_url(), paper.download_url, "/members/directory/"):
        assert client.get(address).status_code == 404, address
    for address in ("/members/", "/files/", PRIVACY):
        body = client.get(address).content.decode()
        assert "You are leaving" in body, address
        assert "A paper" not in body
    assert f'action="{STAY}"' in client.get(PRIVACY).content.decode()
    assert client.get(LEAVE)["Location"] == PRIVACY
    row = AccessRecord.objects.get(action="leaving_asked")
    pat.refresh_from_db()
    assert (row.actor, row.object_kind, row.object_id, row.details) == (
        pat, "user", str(pat.pk), {"keeps_name": False, "leaves_at": pat.leaves_at.isoformat()},
    )  # fmt: skip
    (letter,) = OutgoingMail.objects.all()
    mail.send(mail_id=letter.pk)
    assert f"{PRIVACY}\n" in django_mail.outbox[0].body
    assert f"On {pat.leaves_at:%-d %B %Y} we do so." in django_mail.outbox[0].body


def test_who_comes_back_finds_everything_as_it_was(pat, signed_in):
    Profile.objects.create(user=pat, role="Reader", is_listed=True)
    client = signed_in(pat)
    leave(client)
    answer = client.post(STAY, follow=True)
    assert "You stay. Everything is as it was before." in answer.content.decode()
    after_the_fortnight()
    assert signed_in(pat).get("/members/directory/").status_code == 200
    assert [each.name for each in Profile.objects.listed()] == [NAME]
    assert AccessRecord.objects.first().action == "leaving_withdrawn"
    assert "You are not leaving" in signed_in(pat).post(STAY, follow=True).content.decode()
    assert not ErasedPerson.objects.exists()


def test_sign_in_works_while_one_may_come_back(pat, client, signed_in):
    leave(signed_in(pat))
    client.post("/account/login/", {"login": ADDRESS, "password": PASSWORD})
    assert "You are leaving" in client.get("/members/").content.decode()


def test_rights_rest_while_somebody_leaves(signed_in):
    make_administrator("stays@example.org")
    post = make_post("Not out yet", published_at=timezone.now() + datetime.timedelta(days=3))
    paper = make_paper("Hidden", content=b"x", file_name="a.txt", publish_at=timezone.now() + FORTNIGHT)
    chief = make_administrator(ADDRESS)
    client = signed_in(chief)
    assert (client.get("/admin/").status_code, client.get(post.url).status_code) == (200, 200)
    leave(client)
    for address in (post.url, paper.get_absolute_url(), paper.download_url):
        assert client.get(address).status_code == 404, address
    assert client.get("/admin/").status_code == 403
    assert client.get(f"/admin/documents/edit/{paper.pk}/").status_code == 403
    client.post(STAY)
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("standing", ["applicant", "lapsed", "suspended", "none"])
def test_leaving_is_for_everybody_with_an_account(signed_in, standing):
    user = make_user(ADDRESS) if standing == "none" else make_member(ADDRESS, standing=standing)
    leave(signed_in(user))
    user.refresh_from_db()
    assert user.standing == Standing.LEAVING
    after_the_fortnight()
    assert not User.objects.filter(email=ADDRESS).exists()


def test_last_administrator_cannot_leave(signed_in):
    chief, second = make_administrator(ADDRESS), make_administrator("second@example.org")
    leave(signed_in(second))
    refused = confirm(signed_in(chief)).post(LEAVE, WITHOUT)
    assert (refused.status_code, "The last administrator cannot leave" in refused.content.decode()) == (400, True)
    chief.refresh_from_db()
    assert chief.leaves_at is None


def test_administrator_who_became_the_last_one_is_not_erased(signed_in, caplog):
    chief, second = make_administrator(ADDRESS), make_administrator("second@example.org")
    leave(signed_in(chief))
    User.objects.filter(pk=second.pk).update(is_superuser=False)
    after_the_fortnight()
    assert User.objects.filter(email=ADDRESS).exists()
    assert "is the last administrator" in caplog.text


# --- Erased -------------------------------------------------------------------------------------------------------


@pytest.fixture
def traces(pat, signed_in):
    """The person's name and address in every corner that the site has."""
    post = make_post("A post", owner=pat)
    post.save_revision(user=pat)
    Profile.objects.create(user=pat, role="Reader", about=f"{NAME} writes", is_listed=True)
    Comment.objects.create(post=post, author=pat, text="Good words", state=CommentState.APPEARED)
    Comment.objects.create(post=post, author=pat, text=f"Held, {NAME}", state=CommentState.HELD)
    Author.objects.create(name=NAME, slug="quentin-quillfeather", email_for_comments=ADDRESS)
    FormSubmission.objects.create(page=Page.objects.get(pk=post.pk), form_data={"e_mail": ADDRESS, "name": NAME})
    EmailAddress.objects.create(user=pat, email="quillfeather@example.com", verified=True)
    Authenticator.objects.create(user=pat, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x"})
    mail.post(to=pat, occasion="a", words=(f"Hello {NAME}", "Text"))
    mail.post(to=ADDRESS.upper(), occasion="b", words=("By address", "Text"))
    ModelLogEntry.objects.log_action(pat, "wagtail.edit", user=pat)
    ModelLogEntry.objects.log_action(pat.membership, "wagtail.edit", user=pat)
    chief = make_administrator("chief@example.org")
    memberships.suspend(membership=pat.membership, by=chief, reason=f"{NAME} owes the fee.")
    memberships.reinstate(membership=pat.membership, by=chief)
    signed_in(chief).get("/admin/access-record/?export=csv&q=Quentin+Quillfeather")
    audit.record(Action.OPENED, actor=pat, object_kind="document", object_id="1")
    return post


def test_nothing_in_the_database_leads_to_the_person_any_more(traces, pat, signed_in, settings):
    client, number = signed_in(pat), pat.membership.number
    client.get(LEAVE)
    export_data.make(export_id=export_data.ask(user=pat).pk)
    file = DataExport.objects.get().file.name
    assert all(each in whole_database() for each in ("Quillfeather", ADDRESS, "quillfeather@example.com"))
    leave(client)
    after_the_fortnight()
    (farewell,) = OutgoingMail.objects.filter(user=None)
    mail.send(mail_id=farewell.pk)
    (sent,) = [each for each in django_mail.outbox if "is erased" in each.subject]
    assert (sent.to, "Good day, Quentin," in sent.body) == ([ADDRESS], True)
    run_at(timezone.now() + FORTNIGHT + datetime.timedelta(hours=1))
    everything = whole_database().lower() + erased_list.path().read_text().lower()
    for trace in ("quillfeather", "quentin", ADDRESS, "quillfeather%40"):
        assert trace not in everything, everything[everything.index(trace) - 300 :][:600]
    deleted = [each.args_kwargs["args"][1] for each in DBTaskResult.objects.filter(
        task_path=delete_file_from_storage_task.module_path)]  # fmt: skip
    assert file in deleted
    assert ErasedPerson.objects.get().member_number == number
    assert client.get("/members/")["Location"].startswith("/account/login/")


def test_record_stays_as_it_was_and_says_that_the_person_left(traces, pat, signed_in):
    number, label = pat.pk, pat.membership.number_label
    rows = list(AccessRecord.objects.order_by("pk").values_list())
    leave(signed_in(pat))
    after_the_fortnight()
    after = list(AccessRecord.objects.order_by("pk").values_list())
    assert after[: len(rows)] == rows
    erasure = AccessRecord.objects.first()
    assert (erasure.action, erasure.actor_id, erasure.object_kind, erasure.object_id, erasure.details) == (
        "person_erased", None, "user", str(number), {"keeps_name": False},
    )  # fmt: skip
    shown = list(AccessRecord.objects.order_by("pk"))
    record_words.describe(shown, make_administrator())
    words = {row.action: row.words for row in shown}
    assert words["opened"].who == words["person_erased"].about == f"A person who left (no. {number})"
    assert words["membership_suspended"].about == f"A person who left, member no. {label}"
    assert words["membership_suspended"].outcome == "the words that stood here went with the person"
    assert words["record_exported"].outcome == "the words that stood here went with the person"
    assert all(words[action].email == "" for action in ("opened", "leaving_asked"))


def test_words_beside_a_row_that_were_changed_are_found_out(pat):
    memberships.suspend(membership=pat.membership, by=make_administrator(), reason="The fee is open.")
    RecordedWords.objects.update(text="Something else.")
    row = AccessRecord.objects.get(action="membership_suspended")
    record_words.describe([row], make_administrator())
    assert row.words.outcome == "the words beside this row are not those that were written"


@pytest.mark.parametrize(("choice", "name"), [(WITHOUT, "A former member"), (WITH, NAME)])
def test_comments_and_posts_keep_the_name_or_lose_it(traces, pat, client, signed_in, choice, name):
    author = Author.objects.get()
    traces.authors.add(author)
    traces.save()
    leave(signed_in(pat), choice)
    after_the_fortnight()
    comment = Comment.objects.get(text="Good words")
    assert (comment.author, comment.author_name, comment.wants_mail) == (None, name, False)
    assert [each.text for each in Comment.objects.filter(state=CommentState.WITHDRAWN)] == [""]
    assert not Author.objects.exclude(email_for_comments="").exists()
    page = client.get(traces.url).content.decode()
    assert name in page
    assert ("Quillfeather" in page) == (choice is WITH)
    assert list(traces.authors.all()) == list(Author.objects.all()) == ([author] if choice is WITH else [])


def test_number_of_a_person_who_left_is_nobody_else_s(pat, signed_in):
    Membership.objects.filter(user=pat).update(number=9000)
    leave(signed_in(pat))
    after_the_fortnight()
    applicant = make_member(standing="applicant").membership
    approved = memberships.approve(membership=applicant, by=make_administrator(), expires_on=None)
    assert approved.number == 9001


def test_erasure_is_done_once_and_not_a_moment_early(pat, signed_in):
    leave(signed_in(pat))
    pat.refresh_from_db()
    run_at(pat.leaves_at - datetime.timedelta(seconds=1))
    assert User.objects.filter(email=ADDRESS).exists()
    assert not erase.erase(user_id=pat.pk)
    for _ in range(2):
        after_the_fortnight()
    assert AccessRecord.objects.filter(action="person_erased").count() == 1
    assert not erase.erase(user_id=pat.pk)


def test_failure_in_the_middle_erases_nothing_and_is_tried_again(pat, signed_in, monkeypatch):
    leave(signed_in(pat))
    with monkeypatch.context() as broken:
        broken.setattr(User, "delete", lambda self: 1 / 0)
        with pytest.raises(CommandError):
            after_the_fortnight()
    assert User.objects.filter(email=ADDRESS).exists()
    assert Membership.objects.filter(user=pat).exists()
    assert not AccessRecord.objects.filter(action="person_erased").exists()
    after_the_fortnight()
    assert not User.objects.filter(email=ADDRESS).exists()


def test_last_mail_that_cannot_be_sent_is_given_up_after_a_week(pat, signed_in):
    leave(signed_in(pat))
    after_the_fortnight()
    assert OutgoingMail.objects.filter(address=ADDRESS).exists()
    run_at(timezone.now() + FORTNIGHT + datetime.timedelta(days=8))
    assert not OutgoingMail.objects.exists()


# --- For somebody who asks by letter ------------------------------------------------------------------------------


@pytest.fixture
def secretary(signed_in):
    return signed_in(make_member("secretary@example.org", groups=("Membership secretaries",)))


def test_secretary_does_it_for_somebody_who_asks_by_letter(pat, secretary):
    address = f"/admin/memberships/leave/{pat.pk}/"
    assert f'href="{address}"' in secretary.get(f"/admin/memberships/inspect/{pat.membership.pk}/").content.decode()
    assert "Erase in 14 days" in secretary.get(address).content.decode()
    assert secretary.post(address, {"name": "loses"}).status_code == 200
    assert secretary.post(address, WITHOUT).status_code == 302
    row = AccessRecord.objects.first()
    assert (row.action, row.actor.email) == ("leaving_asked", "secretary@example.org")
    assert "the membership secretary has entered it" in OutgoingMail.objects.get(user=pat).text
    assert "asked for already" in secretary.post(address, WITHOUT).content.decode()
    listed = secretary.get("/admin/memberships/?standing=leaving").content.decode()
    assert ADDRESS in listed
    after_the_fortnight()
    assert not User.objects.filter(email=ADDRESS).exists()


def test_secretary_cannot_do_it_to_an_administrator(secretary):
    make_administrator()
    chief = make_administrator(ADDRESS)
    response = secretary.post(f"/admin/memberships/leave/{chief.pk}/", WITHOUT)
    assert "Only an administrator can do this for an administrator." in response.content.decode()
    chief.refresh_from_db()
    assert chief.leaves_at is None


def test_nobody_else_does_it(pat, signed_in):
    for who in (make_member(), make_member(groups=("Auditors",))):
        assert signed_in(who).post(f"/admin/memberships/leave/{pat.pk}/", WITHOUT).status_code in (302, 403)
    pat.refresh_from_db()
    assert pat.leaves_at is None


def test_deleting_an_account_in_the_administration_leads_to_the_same_door(pat, signed_in):
    client = signed_in(make_administrator())
    response = client.post(f"/admin/users/delete/{pat.pk}/")
    assert response["Location"] == f"/admin/memberships/leave/{pat.pk}/"
    many = client.post(f"/admin/bulk/members/user/delete/?id={pat.pk}&next=/admin/users/", follow=True)
    assert "Accounts are erased one by one" in many.content.decode()
    assert User.objects.filter(pk=pat.pk).exists()
