"""What a signed-in person without access is told, word for word."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from wagtail.rich_text import RichText

from members import standing
from members.enums import Decision
from members.models import Membership
from tests.factories import make_member, make_paper, make_post, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_a_day_in_july():
    with time_machine.travel(datetime.datetime(2026, 7, 15, 12, tzinfo=datetime.UTC), tick=False):
        yield


def told(user):
    notice = standing.notice_for(user, "secretary@example.org")
    return (notice.title, notice.text)


def test_current_member_is_told_nothing():
    assert standing.notice_for(make_member()) is None


def test_person_without_membership_is_told_how_to_join():
    assert told(make_user()) == (
        "Your account has no membership yet",
        "You are signed in, but the papers are for members. You can apply for membership here on the site.",
    )


def test_applicant_is_told_to_wait():
    user = make_member(standing="applicant")
    Membership.objects.update(applied_at=datetime.datetime(2026, 7, 1, 23, 30, tzinfo=datetime.UTC))
    assert told(user) == (
        "Your application is being considered",
        (
            "We received it on 2 July 2026. The papers open to you once the membership secretary has approved it. "
            "There is nothing else that you need to do."
        ),
    )


def test_lapsed_member_is_told_the_last_day_and_how_to_renew():
    user = make_member(standing="lapsed")
    assert told(user) == (
        "Your membership has lapsed",
        (
            "It ended on 14 July 2026, so the papers are closed to you for now. Write to the membership secretary to "
            "renew it: your account and your number stay as they are."
        ),
    )


def test_member_of_tomorrow_is_told_the_first_day():
    user = make_member()
    Membership.objects.update(starts_on=datetime.date(2026, 8, 1))
    assert told(user) == (
        "Your membership has not started yet",
        "It starts on 1 August 2026. The papers open to you on that day.",
    )


def test_member_of_tomorrow_with_an_end_is_told_the_first_day():
    user = make_member()
    Membership.objects.update(starts_on=datetime.date(2026, 8, 1), expires_on=datetime.date(2027, 7, 31))
    assert told(user) == (
        "Your membership has not started yet",
        "It starts on 1 August 2026. The papers open to you on that day.",
    )


@pytest.mark.parametrize(
    "reason", ["The fee for 2026 is open.", "The fee for 2026 is open", "The fee for 2026 is open. "]
)
def test_suspended_member_is_told_the_reason(reason):
    user = make_member(standing="suspended")
    Membership.objects.update(reason=reason)
    assert told(user) == (
        "Your membership is suspended",
        (
            "While it is, the papers are closed to you. The reason given: The fee for 2026 is open. "
            "Please write to the membership secretary."
        ),
    )


def test_suspended_member_without_a_reason_is_told_so_plainly():
    assert told(make_member(standing="suspended")) == (
        "Your membership is suspended",
        "While it is, the papers are closed to you. Please write to the membership secretary.",
    )


def test_notice_leads_to_a_letter_where_there_is_an_address():
    user = make_member(standing="lapsed")
    with_address = standing.notice_for(user, "secretary@example.org")
    assert (with_address.action_label, with_address.action_url) == (
        "Write to the membership secretary",
        "mailto:secretary@example.org",
    )
    assert standing.notice_for(user).action_url == ""


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("applicant", "Your application is being considered"),
        ("lapsed", "Your membership has lapsed"),
        ("suspended", "Your membership is suspended"),
    ],
)
def test_person_without_access_reads_it_under_files(signed_in, kind, title):
    response = signed_in(make_member(standing=kind)).get("/files/")
    assert response.status_code == 200
    assert title in response.content.decode()
    assert "data-document" not in response.content.decode()


def test_reason_of_a_suspension_is_shown_as_text(signed_in):
    user = make_member(standing="suspended")
    Membership.objects.filter(decision=Decision.SUSPENDED).update(reason="<script>alert(1)</script>")
    body = signed_in(user).get("/files/").content.decode()
    assert "<script>alert(1)" not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body


def test_notice_is_told_once_on_a_page_with_many_places_for_members(signed_in):
    papers = [make_paper(f"Paper {each}", content=b"x", file_name="a.txt") for each in "ab"]
    body = [("documents", {"heading": f"Papers {each}", "documents": papers}) for each in "ab"]
    post = make_post(body=[*body, ("members_only", None), ("text", RichText("<p>Closed.</p>"))])
    client = signed_in(make_member(standing="suspended"))
    Membership.objects.filter(decision=Decision.SUSPENDED).update(reason="A letter came back.")
    for address in (post.url, "/", "/members/", "/files/", f"/files/document/{papers[0].uuid}/", "/no-such-page/"):
        main = client.get(address).content.decode()
        assert main.count("While it is, the papers are closed to you.") == 1, address
        assert main.count("A letter came back.") == 1, address
        assert main.count("Write to the membership secretary") <= 1, address
    text = client.get(post.url).content.decode()
    assert "The rest is for members" in text
    assert "This post continues for members whose membership is current." in text
