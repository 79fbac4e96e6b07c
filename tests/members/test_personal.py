"""No table that knows a person is forgotten: it is in the file or says why not, and says what becomes of it."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone
from wagtail.models import Page, PageLogEntry, Revision, UploadedFile, Workflow

from fileshare.models import DocumentVersion, SharedDocument
from members import audit, personal
from members.enums import Action
from members.models import AccessRecord, Membership, Organisation, User
from members.personal import Fate
from members.services import erase, export_data
from portal.models import Comment, CommentReport, CommentState, Picture
from tests.factories import make_administrator, make_member, make_paper, make_post, make_user

DELETION = {
    models.CASCADE: Fate.GOES,
    models.SET_NULL: Fate.NAMELESS,
    models.DO_NOTHING: Fate.NUMBER,
}


def keys_to_people() -> dict[str, models.ForeignKey]:
    """Every key to a person in every table, also in those that Django makes for relations of many to many."""
    return {
        f"{model._meta.label}.{field.name}": field
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model is User and field.model is model
    }


def test_every_key_to_a_person_is_registered_with_what_becomes_of_it():
    keys, registered = keys_to_people(), personal.relations()
    assert sorted(keys.keys() - registered.keys()) == [], (
        "name these in the personal_data.py of their room: what is in the person's file, and what becomes of the rows"
    )
    assert sorted(registered.keys() - keys.keys()) == [], "these are gone"
    wrong = [
        f"{key}: {registered[key].fate} said, {field.remote_field.on_delete.__name__} in the table"
        for key, field in keys.items()
        if DELETION.get(field.remote_field.on_delete) != registered[key].fate
    ]
    assert wrong == []


def test_registering_says_what_is_exported_or_why_not():
    for wrong in ({}, {"file": "a"}, {"columns": ["a"]}, {"file": "a", "columns": ["a"], "why_not": "no"}):
        with pytest.raises(ValueError, match="say either what the person gets"):
            personal.register("members.Membership.user", Fate.GOES, **wrong)


def exported(user) -> dict[str, list]:
    file = io.BytesIO()
    export_data.write(file, user)
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        tables = {name[:-5]: json.loads(archive.read(name)) for name in names if name.endswith(".json")}
        assert sorted(names) == sorted(
            ["read-me.txt", *(f"{name}.{kind}" for name in tables for kind in ("csv", "json"))]
        )
        return tables


@pytest.fixture
def pat(db):
    """Somebody who left a trace in every table that the site itself writes."""
    pat = make_member("pat@example.org", first_name="Pat", last_name="=cmd|' /C calc'!A0")
    Membership.objects.filter(user=pat).update(organisation=Organisation.objects.create(name="City University"))
    post = make_post("A post", owner=pat)
    Comment.objects.create(post=post, author=pat, text="My words", state=CommentState.APPEARED)
    other = Comment.objects.create(post=post, author=make_member(), text="Others' words", state=CommentState.APPEARED)
    CommentReport.objects.create(comment=other, by=pat, reason="It is wrong.")
    make_paper("For Pat", recipients=(pat,), marking="TLP:RED", by=pat, file_name="a.pdf")
    audit.record(
        Action.MEMBERSHIP_SUSPENDED, actor=make_administrator("chief@example.org"), object_kind="membership",
        object_id=7, words="Pat owes the fee.", about=pat, user=pat.pk,
    )  # fmt: skip
    return pat


def test_file_has_everything_of_the_person_and_nothing_of_others(pat):
    hidden = make_paper("Not for Pat", marking="TLP:RED")
    audit.record(Action.REFUSED, actor=pat, object_kind="document", object_id=hidden.uuid, reason="not a recipient")
    make_member("sam@example.org", first_name="Sam", last_name="Stranger")
    tables = exported(pat)
    assert tables["account"][0]["email"] == "pat@example.org"
    assert tables["addresses"] == [{"email": "pat@example.org", "verified": True, "primary": True}]
    assert tables["membership"][0]["organisation__name"] == "City University"
    assert [(each["post"], each["text"]) for each in tables["comments"]] == [("A post", "My words")]
    assert [each["reason"] for each in tables["reports"]] == ["It is wrong."]
    assert [each["title"] for each in tables["papers-for-you"]] == ["For Pat"]
    assert [each["file_name"] for each in tables["files-you-brought"]] == ["a.pdf"]
    assert [each["title"] for each in tables["work-page"]] == ["A post"]
    assert [(each["by"], each["reason"]) for each in tables["what-was-decided"]] == [
        ("somebody else", "Pat owes the fee.")
    ]
    assert {each["what happened"] for each in tables["what-you-did"]} >= {"Uploaded a paper", "Was refused a paper"}
    everything = json.dumps(tables)
    for foreign in ("Not for Pat", "Others' words", "chief@", "sam@", "Stranger", "md5$"):
        assert foreign not in everything, foreign


def test_tables_are_inert_in_a_spreadsheet_and_say_what_is_in_them(pat):
    file = io.BytesIO()
    export_data.write(file, pat)
    with zipfile.ZipFile(file) as archive:
        account = archive.read("account.csv").decode("utf-8-sig")
        assert "'=cmd|" in account
        assert ",=cmd" not in account
        assert archive.read("account.csv").startswith(b"\xef\xbb\xbf")
        read_me = archive.read("read-me.txt").decode()
        assert "Pat =cmd" in read_me
        assert "comments: 1 row\n" in read_me


def test_file_takes_as_many_questions_for_thirty_comments_as_for_one(pat, django_assert_num_queries):
    def ask() -> None:
        with django_assert_num_queries(53):
            exported(pat)

    exported(pat)
    ask()
    post = make_post()
    Comment.objects.bulk_create(
        Comment(post=post, author=pat, text="More", state=CommentState.APPEARED) for _ in range(30)
    )
    for _ in range(30):
        audit.record(Action.OPENED, actor=pat, object_kind="document", object_id=1)
    ask()


# --- What stays, without a name -----------------------------------------------------------------------------------


def kept_things(user) -> dict[str, tuple[type[models.Model], int, str]]:
    """One thing of each kind that outlives the person, with the field that named them."""
    post = make_post("Kept", owner=user)
    revision = post.save_revision(user=user)
    Page.objects.filter(pk=post.pk).update(locked=True, locked_by=user)
    state = Workflow.objects.first().start(post, user)
    task = state.current_task_state
    task.__class__.objects.filter(pk=task.pk).update(finished_by=user)
    paper = make_paper("Kept paper", by=user, content=b"x", file_name="a.txt")
    SharedDocument.objects.filter(pk=paper.pk).update(
        uploaded_by_user=user, contributed_by=user, contributor_note="From Quill", review_note="Thank you, Quill"
    )
    picture = Picture.objects.create(title="Kept picture", file="a.png", width=1, height=1, uploaded_by_user=user)
    comment = Comment.objects.create(post=post, author=user, text="Kept words", state=CommentState.APPEARED)
    upload = UploadedFile.objects.create(file="b", uploaded_by_user=user)
    return {
        "page": (Page, post.pk, "owner"),
        "lock": (Page, post.pk, "locked_by"),
        "revision": (Revision, revision.pk, "user"),
        "workflow": (type(state), state.pk, "requested_by"),
        "task": (type(task), task.pk, "finished_by"),
        "version": (DocumentVersion, paper.versions.get().pk, "created_by"),
        "paper": (SharedDocument, paper.pk, "uploaded_by_user"),
        "contribution": (SharedDocument, paper.pk, "contributed_by"),
        "picture": (Picture, picture.pk, "uploaded_by_user"),
        "comment": (Comment, comment.pk, "author"),
        "upload": (UploadedFile, upload.pk, "uploaded_by_user"),
    }


def test_work_for_the_association_stays_without_the_name(db, signed_in):
    leaver = make_user("pat@example.org", first_name="Quentin", last_name="Quill")
    things = kept_things(leaver)
    PageLogEntry.objects.log_action(Page.objects.get(title="Kept"), "wagtail.edit", user=leaver)
    number = leaver.pk
    User.objects.update(leaves_at=timezone.now())
    assert erase.erase(user_id=number)
    assert not User.objects.filter(email="pat@example.org").exists()
    for name, (model, key, field) in things.items():
        assert model.objects.filter(pk=key, **{f"{field}__isnull": True}).exists(), name
    paper = SharedDocument.objects.get(pk=things["paper"][1])
    assert (paper.title, paper.contributor_note, paper.review_note) == ("Kept paper", "", "")
    revision = Revision.objects.get(pk=things["revision"][1])
    assert revision.as_object().title == "Kept"
    assert "Quill" not in json.dumps(revision.content)
    history = signed_in(make_administrator()).get(f"/admin/pages/{things['page'][1]}/history/").content.decode()
    assert PageLogEntry.objects.filter(user=number).exists()
    assert f"user {number} (deleted)" in history
    assert "Quill" not in history
    assert AccessRecord.objects.filter(actor_id=number).exists()
