"""The auditor's work in the administration: who had what, in plain words; filtered, searched and followed."""

from __future__ import annotations

import datetime
from functools import partial

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members import audit
from members.enums import Action
from members.models import AccessRecord
from members.services import membership as services
from portal.services import roles
from tests.factories import add_version, make_administrator, make_folder, make_member, make_paper, make_user
from tests.members.recorded import ADDRESS, exported, results, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(auditor, signed_in):
    return signed_in(auditor)


def text(title, **fields):
    return make_paper(title, content=b"text", file_name="a.txt", **fields)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"first-paper", "second-paper", "third-paper"}),
        ("action=refused", {"second-paper"}),
        ("action=refused&action=opened", {"first-paper", "second-paper"}),
        ("person=SAM@example.org", {"second-paper", "third-paper"}),
        ("person=person+sam", {"second-paper", "third-paper"}),
        ("person=nobody", set()),
        ("subject=third-paper", {"third-paper"}),
        ("at_from=2001-01-01&at_to=2001-12-31", set()),
        ("at_from=2001-01-01", {"first-paper", "second-paper", "third-paper"}),
    ],
)
def test_auditor_reads_and_filters(signed_in, auditor, query, found):
    story()
    body = signed_in(auditor).get(f"/admin/access-record/?{query}").content.decode()
    listing = body[body.index("listing") :] if found else body
    assert {name for name in ("first-paper", "second-paper", "third-paper") if name in listing} >= found
    results = signed_in(auditor).get(f"/admin/access-record/results/?{query}").content.decode()
    assert {name for name in ("first-paper", "second-paper", "third-paper") if name in results} == found


@pytest.mark.parametrize(
    "query", ["action=nonsense", "at_from=nonsense", "p=999", "p=x", "ordering=details", "at_to=%00"]
)
def test_nonsense_in_the_filters_is_no_error(signed_in, auditor, query):
    story()
    assert signed_in(auditor).get(f"/admin/access-record/?{query}").status_code in (200, 404)


def test_reasons_are_shown_as_text(signed_in, auditor):
    audit.record(Action.CHANGED, actor=make_user(), object_id="<b>x", reason="<script>alert(1)</script>")
    body = signed_in(auditor).get("/admin/access-record/").content.decode()
    assert "<script>alert(1)" not in body
    assert "&lt;script&gt;alert(1)" in body


@pytest.mark.parametrize("who", ["auditor", "administrator"])
def test_record_is_changed_by_nobody(signed_in, auditor, who):
    story()
    row = AccessRecord.objects.first()
    client = signed_in(auditor if who == "auditor" else make_administrator())
    before = list(AccessRecord.objects.values())
    for address in (
        "/admin/access-record/new/",
        f"/admin/access-record/edit/{row.pk}/",
        f"/admin/access-record/delete/{row.pk}/",
    ):
        assert client.get(address).status_code in (302, 403, 404)
        assert client.post(address, {"reason": "changed", "action": "opened"}).status_code in (302, 403, 404)
    assert list(AccessRecord.objects.values()) == before


# --- In plain words ---------------------------------------------------------------------------------------------
@pytest.fixture
def read(signed_in):
    """Ada had a paper's second version; Ben was refused it."""
    paper = text("Stewards at the gates", collection=make_folder("Guidance"))
    add_version(paper, b"second", file_name="a.txt")
    ada = make_member("ada@example.org", first_name="Ada", last_name="Byron")
    ben = make_member("ben@example.org", first_name="Ben", last_name="Nye", standing="lapsed")
    assert b"".join(signed_in(ada).get(f"/files/document/{paper.uuid}/download/").streaming_content) == b"second"
    assert signed_in(ben).get(f"/files/document/{paper.uuid}/download/").status_code == 404
    return paper


def test_auditor_says_who_had_what(client, read):
    body = results(client, "action=downloaded&action=refused")
    for words in ("Stewards at the gates, version 2", "Ada Byron", "ada@example.org", "Downloaded a paper",
                  "Ben Nye", "ben@example.org", "Was refused a paper", "Not a current member"):  # fmt: skip
        assert words in body
    assert str(read.uuid) not in body
    assert "not_a_member" not in body


def test_export_says_who_had_what(client, read):
    _head, refused, downloaded = exported(client, "&action=downloaded&action=refused")
    assert downloaded[1:6] == [
        "Downloaded a paper", "Ada Byron", "ada@example.org", "Stewards at the gates, version 2", "",
    ]  # fmt: skip
    assert refused[1:6] == [
        "Was refused a paper", "Ben Nye", "ben@example.org", "Stewards at the gates", "Not a current member",
    ]  # fmt: skip
    assert downloaded[9] == refused[9] == str(read.uuid)


def test_one_row_says_who_had_what(client, read):
    row = AccessRecord.objects.get(action="downloaded")
    body = client.get(f"{ADDRESS}inspect/{row.pk}/").content.decode()
    for words in ("Ada Byron (ada@example.org)", "Stewards at the gates, version 2", str(read.uuid)):
        assert words in body


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=ada", {"Ada Byron"}),
        ("q=BEN@example.org", {"Ben Nye"}),
        ("q=gates", {"Ada Byron", "Ben Nye"}),
        ("q=ada+gates", {"Ada Byron"}),
        ("q=ada+ben", set()),
        ("q=no+such+thing", set()),
        ("subject=stewards+gates", {"Ada Byron", "Ben Nye"}),
        ("subject=stewards&person=byron", {"Ada Byron"}),
        ("subject=another", set()),
    ],
)
def test_record_is_searched_by_people_and_titles(client, read, query, found):
    text("Another paper")
    body = results(client, f"action=downloaded&action=refused&{query}")
    assert {name for name in ("Ada Byron", "Ben Nye") if name in body} == found


def test_row_about_a_member_names_the_member(client):
    secretary = make_member("secretary@example.org")
    applicant = make_member("cy@example.org", standing="applicant", first_name="Cy", last_name="Ek").membership
    last = timezone.localdate() + datetime.timedelta(days=90)
    services.approve(membership=applicant, by=secretary, expires_on=last)
    applicant.refresh_from_db()
    for query in ("", "q=ek", "q=cy@example.org", f"subject={applicant.number}", f"q={applicant.number_label}"):
        body = results(client, f"action=membership_approved&{query}")
        assert f"Cy Ek (cy@example.org), member no. {applicant.number_label}" in body, query
        assert f"until {last.day} {last:%B %Y}" in body


def test_row_about_a_folder_and_about_a_person_s_groups_is_in_words(client, auditor):
    make_folder("Committee papers", groups=("Committee",))
    auditor.groups.add(Group.objects.get(name="Committee"))
    audit.record(Action.GROUPS_CHANGED, actor=None, object_kind="user", object_id=make_user("di@example.org").pk)
    body = results(client)
    assert "Folder “Committee papers”" in body
    assert "Pat Person (di@example.org)" in body
    assert "The site itself" in body
    assert "Folder “Committee papers”" in results(client, "q=committee")
    assert "Committee papers" not in results(client, "q=guidance")


BEYOND_EVERY_COLUMN = ("9" * 19, str(2**63), "9" * 40, "9" * 5000)


@pytest.mark.parametrize("typed", [*BEYOND_EVERY_COLUMN, "a folder's number", "no-such-folder"])
def test_no_typed_address_breaks_the_record(client, signed_in, typed):
    folder = make_folder("Committee papers", groups=("Committee",))
    typed = str(folder.pk) if typed == "a folder's number" else typed
    assert signed_in(make_member(standing="applicant")).get(f"/files/{typed}/").status_code == 404
    said = f"The address /files/{typed[:64]}/"
    assert said in results(client, "action=refused")
    assert said in results(client, f"action=refused&subject={typed[:64]}")
    (_head, row) = exported(client, "&action=refused")
    assert row[4] == said
    body = client.get(f"{ADDRESS}inspect/{AccessRecord.objects.get(action='refused').pk}/").content.decode()
    assert said in body
    assert "Committee" not in body


@pytest.mark.parametrize("kind", ["folder", "user", "membership", "comment", "document", "address", "else"])
def test_no_number_in_a_row_breaks_the_record(client, kind):
    for number in (*BEYOND_EVERY_COLUMN, "²", "٥", "-1", "x", ""):
        audit.record(Action.REFUSED, actor=None, object_kind=kind, object_id=number, user=number)
    page = client.get(f"{ADDRESS}results/?action=refused&q={'9' * 19}&subject={2**63}&person={'9' * 5000}")
    assert page.status_code == 200
    assert results(client, "action=refused").count("The site itself") == 9
    assert len(exported(client, "&action=refused")) == 10


def days(number: int) -> datetime.datetime:
    return timezone.now() + datetime.timedelta(days=number)


CLOSED_TO_THE_AUDITOR = {
    "embargoed": lambda: {"publish_at": days(1)},
    "expired": lambda: {"publish_at": days(-2), "expires_at": days(-1)},
    "of a group": lambda: {"collection": make_folder("Heliotrope7731 folder", groups=("Committee",))},
    "for named recipients": lambda: {"marking": "TLP:RED", "recipients": []},
}


@pytest.mark.parametrize("kind", CLOSED_TO_THE_AUDITOR)
def test_record_opens_no_title_that_the_file_share_keeps_closed(client, signed_in, kind):
    """Neither in the list nor by searching, in one row or in the export; the number stays, for an administrator."""
    secret = text("Heliotrope7731 budget", **CLOSED_TO_THE_AUDITOR[kind]())
    audit.record(Action.DOWNLOADED, actor=None, object_kind="document", object_id=secret.uuid)
    address = f"{ADDRESS}inspect/{AccessRecord.objects.first().pk}/"
    pages = [results(client), results(client, "q=budget"), client.get(address).content.decode()]
    pages.append(str(exported(client)))
    assert not [page for page in pages if "heliotrope7731" in page.lower()]
    assert f"A paper that is not open to you ({secret.uuid})" in pages[0]
    assert str(secret.uuid) not in pages[1]
    assert "Heliotrope7731 budget" in results(signed_in(make_administrator()), "q=budget")


def test_auditor_without_a_membership_reads_numbers(read, signed_in):
    outside = signed_in(make_user(groups=(roles.AUDITORS,)))
    body = results(outside, "action=downloaded")
    assert "Stewards at the gates" not in body
    assert f"A paper that is not open to you ({read.uuid})" in body
    assert "Ada Byron" in body


def test_paper_that_is_gone_keeps_its_number(client, read):
    number = str(read.uuid)
    read.delete()
    assert f"A paper that is not there, or not any more ({number})" in results(client, "action=refused")


def test_list_search_and_export_ask_the_same_for_one_and_for_thirty(client):
    def make(count):
        for number in range(count):
            reader, paper = make_member(), text(f"Paper of its own {number}")
            audit.record(Action.DOWNLOADED, actor=reader, object_kind="document", object_id=paper.uuid, version=1)
            audit.record(
                Action.MEMBERSHIP_EXTENDED, actor=reader, object_kind="membership", user=make_member().pk, object_id="7"
            )

    def asked():
        figures = []
        kinds = "action=downloaded&action=membership_extended"
        asking = (
            partial(results, client, kinds),
            partial(results, client, "q=paper+own"),
            partial(exported, client, f"&{kinds}"),
        )
        for ask in asking:
            with CaptureQueriesContext(connection) as captured:
                ask()
            figures.append(len(captured))
        return figures

    make(1)
    results(client)
    before = asked()
    make(15)
    assert asked() == before
    assert len(exported(client)) > 30


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("at_from=31-31-2026", "Date: Enter a valid date."),
        ("at_from=2026-01-01&at_to=tomorrow&action=refused", "Date: Enter a valid date."),
        ("action=nonsense&person=ada", "What happened: Select a valid choice."),
    ],
)
def test_wrong_filter_lists_nothing_and_says_why(client, read, query, words):
    for body in (client.get(f"{ADDRESS}?{query}").content.decode(), results(client, f"{query}&_w_filter_fragment=1")):
        assert "Nothing is listed, because a filter cannot be understood." in body
        assert words in body
        assert "Stewards at the gates" not in body
        assert 'class="w-field__errors"' in body
    response = client.get(f"{ADDRESS}?{query}&export=csv")
    assert response["Content-Type"].startswith("text/html")
    assert not AccessRecord.objects.filter(action="record_exported").exists()


# --- The story of one person, and of one paper ---------------------------------------------------------------------
def listed(client, query):
    """What happened, the newest first, from the export of the same list."""
    return [f"{row[6]} {row[9]}" for row in exported(client, f"&{query}")[1:]]


def test_story_of_a_person_is_what_was_done_by_and_to_that_person(client, auditor):
    chief, pat, sam = make_administrator(), make_member("pat@example.org"), make_member("sam@example.org")
    services.suspend(membership=pat.membership, by=chief, reason="Not paid")
    services.suspend(membership=sam.membership, by=chief, reason="Not paid")
    audit.record(Action.SIGN_IN_FAILED, actor=None, object_kind="user", object_id=pat.pk)
    audit.record(Action.OPENED, actor=pat, object_kind="document", object_id="first-paper")
    audit.record(Action.OPENED, actor=sam, object_kind="document", object_id="first-paper")
    story = f"story=user:{pat.pk}"
    number = pat.membership.number
    told = ["opened first-paper", f"sign_in_failed {pat.pk}", f"membership_suspended {number}"]
    assert listed(client, story) == told
    page = client.get(f"{ADDRESS}?{story}").content.decode()
    assert f"Everything about {pat} (pat@example.org)" in page
    assert exported(client, "&action=record_exported")[1][5] == f"as CSV; everything about: user:{pat.pk}"
    inspected = AccessRecord.objects.get(action="opened", actor=pat)
    page = client.get(f"{ADDRESS}inspect/{inspected.pk}/").content.decode()
    assert f'href="{ADDRESS}?story=user%3A{pat.pk}"' in page
    assert f'href="{ADDRESS}?story=document%3Afirst-paper"' in page
    pat.delete()
    assert listed(client, story)[:2] == told[:2]  # by the numbers, which stay
    assert "Everything about An account that is gone" in client.get(f"{ADDRESS}?{story}").content.decode()


def test_story_of_a_paper_is_everybody_s(client, read):
    paper = AccessRecord.objects.get(action="downloaded").object_id
    assert {each.split()[1] for each in listed(client, f"story=document:{paper}")} == {paper}
    assert "Everything about " in client.get(f"{ADDRESS}?story=document:{paper}").content.decode()


@pytest.mark.parametrize("story", ["user:", "user:x", "user:99999999999999999999", "nonsense", "x:<b>", "document:%00"])
def test_story_of_nothing_is_empty(client, story):
    audit.record(Action.OPENED, actor=None, object_kind="document", object_id="first-paper")
    answer = client.get(f"{ADDRESS}?story={story}")
    assert answer.status_code == 200
    assert "first-paper" not in answer.content.decode()
    assert "<b>" not in answer.content.decode()
