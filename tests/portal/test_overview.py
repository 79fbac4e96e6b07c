"""The member's own first page: where one stands and what to do, what others see, what mail comes."""

from __future__ import annotations

import datetime

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from fileshare.enums import Change
from fileshare.models import DocumentVersion, SharedDocument, Visit
from fileshare.services import acknowledge, own_papers
from members.models import Membership, Profile
from portal.models import Comment, CommentState
from tests.factories import add_version, make_folder, make_member, make_paper, make_post, make_user
from tests.portal.reading import make_note

DAY = datetime.timedelta(days=1)

pytestmark = pytest.mark.django_db


def page_of(client):
    page = BeautifulSoup(client.get("/members/").content, "html.parser").main
    return page, " ".join(page.get_text(" ").split())


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "Your membership ends today"),
        (1, "Your membership ends tomorrow"),
        (60, "Your membership ends in 60 days"),
        (61, None),
        (None, None),
    ],
)
def test_member_is_told_to_renew_as_soon_as_the_end_is_near(signed_in, days, said):
    user = make_member()
    last = None if days is None else timezone.localdate() + datetime.timedelta(days=days)
    Membership.objects.filter(user=user).update(expires_on=last)
    _, words = page_of(signed_in(user))
    assert ("Write to the membership secretary to renew it" in words) == (said is not None)
    assert (said or "No end" if days is None else said or "Until") in words


def test_member_sees_the_entry_the_followed_posts_and_the_way_to_the_own_data(signed_in):
    user = make_member()
    followed, other = make_post("Followed"), make_post("Other")
    for post, wants in ((followed, True), (other, False)):
        Comment.objects.create(post=post, author=user, text="x", state=CommentState.APPEARED, wants_mail=wants)
    client = signed_in(user)
    page, words = page_of(client)
    assert "You are not in the directory." in words
    assert [each.a.get_text() for each in page.select(".mail-list li")] == ["Followed"]
    assert {"/members/privacy/", "/members/downloads/", "/members/details/"} <= {a["href"] for a in page.select("a")}
    form = page.select_one(".mail-list form")
    assert client.post(form["action"]).status_code == 302
    Profile.objects.create(user=user, is_listed=True)
    _, words = page_of(client)
    assert "When you comment on a post, you can ask to hear of further comments." in words
    assert page_of(client)[0].select_one(".panel a[href='/members/mail/']").get_text() == "Choose what mail I get"
    assert "Other members find you in the directory" in words


@pytest.mark.parametrize("standing", ["applicant", "lapsed", "suspended", "none"])
def test_page_without_access_has_neither_papers_nor_directory(signed_in, standing):
    make_paper("Marker", content=b"x", file_name="a.txt")
    user = make_user() if standing == "none" else make_member(standing=standing)
    page, words = page_of(signed_in(user))
    addresses = {a["href"] for a in page.select("a")}
    assert "Marker" not in words
    assert not any(address.startswith("/members/directory/") for address in addresses)
    assert {"/members/privacy/", "/members/details/"} <= addresses


def papers_of(page):
    """The titles under each heading, with the word beside those that have one."""
    sections = [section for section in page.select("section") if section.h2 and section.select(".paper-list, .empty")]
    return {
        section.h2.get_text(): [
            f"{row.h3.get_text()}, {row.select_one('.news').get_text()}"
            if row.select_one(".news")
            else row.h3.get_text()
            for row in section.select(".paper-row")
        ]
        for section in sections
    }


def make_old(*papers):
    SharedDocument.objects.filter(pk__in=[paper.pk for paper in papers]).update(publish_at=timezone.now() - 9 * DAY)
    DocumentVersion.objects.filter(document__in=papers).update(created_at=timezone.now() - 9 * DAY)


def test_member_finds_what_waits_what_is_new_and_what_was_saved(signed_in):
    user, closed = make_member(), make_folder(groups=("Board",))
    client = signed_in(user)
    assert papers_of(page_of(client)[0]) == {"New papers": []}
    replaced, saved, first = make_note("Replaced"), make_note("Saved"), make_note("Saved first")
    last_day, due = timezone.localdate() + 3 * DAY, make_note("Due", acknowledge_by=timezone.localdate() + 7 * DAY)
    done, sooner = make_note("Done", acknowledge_by=last_day), make_note("Sooner", acknowledge_by=last_day)
    hidden = make_note("Hidden", collection=closed, acknowledge_by=last_day)
    acknowledge.acknowledge(document=done, number=1, by=user)
    for paper in (first, saved, hidden):
        own_papers.save_paper(document=paper, by=user)
    make_old(replaced, saved, first, due, done, sooner, hidden)
    Visit.objects.create(user=user, last_at=timezone.now() - 5 * DAY)
    page, words = page_of(client)
    waiting = {"Papers to confirm": ["Sooner", "Due"], "Saved papers": ["Saved", "Saved first"]}
    assert papers_of(page) == waiting
    assert "No paper has come or changed since you were last in the files" in words
    assert f"To be confirmed by {last_day:%-d %B %Y}" in words
    make_note("Came")
    make_note("Hidden too", collection=closed)
    add_version(replaced, b"anew", file_name="note.txt")
    add_version(saved, b"corrected", file_name="note.txt", change=Change.MINOR)
    for _ in range(2):  # looking here is no visit to the files
        page, words = page_of(client)
        assert papers_of(page) == {**waiting, "New since your last visit": ["Came, New", "Replaced, Updated"]}
    assert "Hidden" not in words


def test_page_shows_five_of_each_and_the_way_to_the_rest(signed_in):
    user = make_member()
    Visit.objects.create(user=user, last_at=timezone.now() - 5 * DAY)
    client = signed_in(user)
    links = {"/files/?show=new", "/files/saved/", "/files/document/to-confirm/"}
    for count, found in ((5, {"/files/", "/files/saved/"}), (1, links)):
        for _ in range(count):
            own_papers.save_paper(document=make_note(acknowledge_by=timezone.localdate()), by=user)
        page, _ = page_of(client)
        assert [len(papers) for papers in papers_of(page).values()] == [5, 5, 5]
        assert {a["href"] for a in page.select(".more a")} == found


def test_page_takes_the_same_questions_for_thirty_papers_and_followed_posts(signed_in, django_assert_num_queries):
    user = make_member()
    Visit.objects.create(user=user, last_at=timezone.now() - 5 * DAY)
    client = signed_in(user)

    def ask(number):
        for _ in range(number):
            Comment.objects.create(
                post=make_post(), author=user, text="x", state=CommentState.APPEARED, wants_mail=True
            )
            own_papers.save_paper(document=make_note(acknowledge_by=timezone.localdate()), by=user)
        for _ in range(2):  # the first makes the site's settings, the second keeps them
            client.get("/members/")
        with django_assert_num_queries(14):
            client.get("/members/")

    ask(1)
    ask(29)
