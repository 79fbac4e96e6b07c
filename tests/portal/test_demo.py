"""The demonstration: everything that INTERFACES.md names is there, and a second run changes nothing."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urldefrag, urljoin

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from wagtail.blocks import StreamValue

from fileshare.models import DocumentVersion, SharedDocument
from members.enums import Standing
from members.models import AccessRecord, Membership, User
from portal.demo.catalogue import WRITTEN_ON
from portal.models import Announcement, Author, NewsPage, Topic
from tests.laid_out import laid_out
from tests.markup import faults
from tests.portal.reading import soup_of, words_of

# One process seeds, and all tests of this module run in it.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.xdist_group("demo"),
    pytest.mark.skipif(
        connection.vendor == "postgresql",
        reason="takes minutes, and the production stack of tests/services seeds on PostgreSQL: run on SQLite",
    ),
]
ACCOUNTS = ("admin", "editor", "secretary", "auditor", "member", "committee", "applicant", "lapsed", "suspended")


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with laid_out(django_db_setup, django_db_blocker):
        call_command("demo", verbosity=0)
        yield


@pytest.fixture(autouse=True)
def _seeded(seeded: None, db: None) -> None:
    """Before the test's own transaction."""


def _plain(value: Any) -> Any:
    """A body as it is stored: as text it would be drawn, and drawing makes pictures of new sizes."""
    return value.get_prep_value() if isinstance(value, StreamValue) else str(value)


def rows_of_all_tables() -> dict[str, Any]:
    """Every row of every table, as a fingerprint; what a mere visit writes is left out."""
    ignored = {"sessions.session", "django_tasks_database.dbtaskresult"}
    return {
        model._meta.label_lower: sorted(
            hashlib.sha256(json.dumps(row, default=_plain).encode()).hexdigest()
            for row in model._base_manager.values_list()
        )
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.label_lower not in ignored
    }


def signed_in_as(name: str) -> Client:
    client = Client()
    fields = {"login": f"{name}@example.org", "password": django_settings.DEMO_PASSWORD}
    response = client.post("/account/login/", fields)
    assert (response.status_code, response["Location"]) == (302, "/members/"), name
    return client


def paper(title: str) -> SharedDocument:
    return SharedDocument.objects.get(title__startswith=title)


def test_second_run_changes_nothing():
    before = rows_of_all_tables()
    assert sum(map(len, before.values())) > 500
    call_command("demo", verbosity=0)
    after = rows_of_all_tables()
    assert {name for name in before if before[name] != after[name]} == set()


def test_run_completes_what_somebody_removed_and_leaves_what_somebody_changed():
    NewsPage.objects.get(slug="a-new-website").delete()
    post = NewsPage.objects.get(slug="nactso-ctpn-information")
    post.title = "Changed"
    post.save()
    call_command("demo", verbosity=0)
    assert NewsPage.objects.get(slug="a-new-website").live
    assert NewsPage.objects.get(slug="nactso-ctpn-information").title == "Changed"


def test_demonstration_stays_away_from_a_production_site(settings):
    settings.DEMO_ALLOWED = False
    before = rows_of_all_tables()
    with pytest.raises(CommandError, match="production site"):
        call_command("demo")
    assert rows_of_all_tables() == before


def test_command_says_where_the_site_is_and_who_can_sign_in(capsys):
    call_command("demo")
    said = capsys.readouterr().out
    assert django_settings.BASE_URL in said
    assert django_settings.DEMO_PASSWORD in said
    for name in ACCOUNTS:
        assert f"{name}@example.org" in said


@pytest.mark.parametrize(("name", "standing", "papers", "admin"), [
    ("admin", Standing.CURRENT, True, True),
    ("editor", Standing.CURRENT, True, True),
    ("secretary", Standing.CURRENT, True, True),
    ("auditor", Standing.CURRENT, True, True),
    ("member", Standing.CURRENT, True, False),
    ("committee", Standing.CURRENT, True, False),
    ("applicant", Standing.APPLICANT, False, False),
    ("lapsed", Standing.LAPSED, False, False),
    ("suspended", Standing.SUSPENDED, False, False),
])  # fmt: skip
def test_each_account_signs_in_and_stands_where_its_name_says(name, standing, papers, admin):
    user = User.objects.get(email=f"{name}@example.org")
    assert user.standing == standing
    client = signed_in_as(name)
    assert bool(soup_of(client, "/files/").select("[data-document]")) is papers
    assert client.get("/admin/").status_code == (200 if admin else 403)
    assert words_of(soup_of(client, "/members/").h1) == user.get_full_name()


def test_committees_folder_is_open_to_the_committee_alone():
    assert signed_in_as("committee").get("/files/committee/").status_code == 200
    for name in ("member", "editor", "secretary", "auditor", "lapsed"):
        assert signed_in_as(name).get("/files/committee/").status_code == 404, name


def test_posts_of_every_state_by_three_authors_on_several_topics():
    posts = NewsPage.objects.all()
    live = posts.live()
    assert live.filter(slug="nactso-ctpn-information").exists()
    assert live.count() >= 12
    assert Author.objects.filter(news_posts__live=True).distinct().count() >= 3
    assert Topic.objects.filter(news_posts__live=True).distinct().count() >= 3
    assert live.filter(pinned=True).count() == 1
    assert live.filter(is_members_only=True).exists()
    assert posts.filter(live=False, go_live_at__isnull=False).count() == 1
    assert sum(post.current_workflow_state is not None for post in posts) == 1
    dates = sorted(live.values_list("published_at", flat=True))
    assert 530 <= (dates[-1] - dates[0]).days <= 600
    kinds = {block.block_type for post in live for block in post.body}
    assert kinds == {
        "heading",
        "text",
        "quote",
        "picture",
        "gallery",
        "table",
        "documents",
        "attribution",
        "members_only",
    }


@pytest.mark.parametrize("path", ["/files/guidance/", "/files/guidance/ctpn-reports/", "/files/committee/"])
def test_folder_has_its_address_and_papers(path):
    assert soup_of(signed_in_as("committee"), path).select("[data-document]")


def test_papers_of_every_kind_marking_and_state():
    papers = SharedDocument.objects.with_facts()
    assert papers.count() >= 25
    assert {each.marking for each in papers} == {"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"}
    kinds = Counter(each.current_version.kind for each in papers)
    assert (kinds["docx"], kinds["xlsx"], kinds["pptx"]) == (2, 1, 1)
    assert kinds["pdf"] >= 25 - 4
    states = Counter(each.state.value for each in papers)
    assert {state: states[state] for state in ("embargoed", "expired", "withdrawn", "destroyed")} == {
        "embargoed": 1, "expired": 1, "withdrawn": 1, "destroyed": 1,
    }  # fmt: skip
    assert set(states) == {"published", "embargoed", "expired", "withdrawn", "destroyed", "in review", "declined"}
    versions = sorted(each.versions.count() for each in papers)
    assert versions[-1] == 3
    pages = [each.pages for each in papers if each.pages]
    assert (min(pages), max(pages)) == (2, 60)
    assert all(each.recipients.exists() for each in papers if each.marking == "TLP:RED")
    assert DocumentVersion.objects.exclude(inspection="passed").count() == 0


def test_destroyed_paper_keeps_its_facts_and_gives_nothing_to_its_editor():
    guests = paper("Who is coming")
    (version,) = guests.versions.all()
    assert (version.file.name, len(version.sha256), version.size > 1_000) == ("", 64, True)
    assert signed_in_as("editor").get(guests.download_url).status_code == 410
    assert signed_in_as("member").get(guests.download_url).status_code == 404


def test_no_paper_is_there_before_the_date_on_it_or_after_the_post_that_speaks_of_it():
    early = max(WRITTEN_ON - timezone.localdate(), datetime.timedelta())  # on a machine whose clock stands before
    papers = {paper.pk: paper for paper in SharedDocument.objects.all()}
    assert {
        paper.title
        for paper in papers.values()
        if paper.original_date and timezone.localdate(paper.publish_at) < paper.original_date - early
    } == set()
    spoken_of = [
        (post, papers[block["value"]])
        for post in NewsPage.objects.live()
        for panel in post.body.raw_data
        if panel["type"] == "documents"
        for block in panel["value"]["documents"]
    ]
    assert len(spoken_of) > 10
    assert {(post.slug, paper.title) for post, paper in spoken_of if paper.publish_at > post.published_at} == set()


def test_every_pdf_says_on_its_first_page_that_it_is_a_sample():
    import pypdfium2

    for version in DocumentVersion.objects.filter(kind="pdf", destroyed_at=None):
        with version.file.open("rb") as file:
            document = pypdfium2.PdfDocument(file.read())
        try:
            text = " ".join(document[0].get_textpage().get_text_bounded().split()).lower()
        finally:
            document.close()
        assert "sample" in text, version
        assert "demo" in text, version


def test_the_post_of_the_demonstration_offers_the_six_reports_to_a_visitor():
    client = Client()
    soup = soup_of(client, "/news/nactso-ctpn-information/")
    assert [link.get_text(strip=True) for link in soup.select(".contents a")]
    rows = [words_of(row) for row in soup.select(".papers .paper-row")]
    assert len(rows) >= 6
    assert all("Sign in to download" in row and "PDF" in row and "pages" in row for row in rows)
    assert "copyright holders" in words_of(soup.select_one(".article-body"))
    member = signed_in_as("member")
    for link in soup_of(member, "/news/nactso-ctpn-information/").select(".papers a.go"):
        response = member.get(link["href"])
        assert response.getvalue().startswith(b"%PDF")


# Beside what the front page leads to. Leaving is a form, and a download has tests of its own.
STARTS = (
    "/", "/files/", "/members/", "/account/login/", "/members/apply/", "/account/password/reset/", "/news/feed/",
    "/sitemap.xml",
)  # fmt: skip
NOT_FOLLOWED = re.compile(r"//|/admin/|/media/|/account/logout/|.*/download/|.*[?&](next|sort)=")
ENOUGH_OF_A_KIND = 4  # judged; the pages of the other papers and folders look the same


def _walk(client: Client) -> dict[str, tuple[str, str]]:
    """The kind and the text of all that one comes to by following each link from the front page, by address."""
    waiting, seen, found = [*STARTS], {*STARTS}, {}
    while waiting:
        address = waiting.pop()
        response = client.get(address)
        if response.status_code == 302:
            continue
        page = response.getvalue().decode(errors="replace")
        if not response["Content-Type"].startswith("text/html"):
            found[address] = ("", page)
            continue
        found[address] = (str(response.templates[0].name), page)
        links = {urldefrag(urljoin(address, unescape(link)))[0] for link in re.findall(r'<a [^>]*href="([^"]+)', page)}
        new = {link for link in links - seen if link.startswith("/") and not NOT_FOLLOWED.match(link)}
        waiting, seen = [*waiting, *sorted(new)], seen | new
    return found


@pytest.fixture(scope="module")
def walks(seeded: None, django_db_blocker: Any) -> dict[str, dict[str, tuple[str, str]]]:
    """Of a visitor and of a member: once for all tests, since the pictures of the pages take their time to draw."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = {"visitor": _walk(Client()), "member": _walk(signed_in_as("member"))}
        transaction.set_rollback(True)
    return found


def test_no_page_for_visitors_names_a_paper_that_is_not_out(walks):
    hidden = [each for each in SharedDocument.objects.all() if each.state.value != "published"]
    hidden += SharedDocument.objects.exclude(marking__in=["TLP:CLEAR", "TLP:GREEN"])
    assert len(hidden) > 8
    assert {"/", "/news/feed/", "/sitemap.xml", *(post.url for post in NewsPage.objects.live())} <= walks[
        "visitor"
    ].keys()
    for address, (_, text) in walks["visitor"].items():
        for each in hidden:
            assert each.title not in text, (address, each)
            assert str(each.uuid) not in text, (address, each)


@pytest.mark.parametrize(("who", "fewest"), [("visitor", 50), ("member", 90)])
def test_every_page_that_a_link_leads_to_is_valid_html(who, fewest, walks):
    kinds, found = Counter[str](), []
    for address, (kind, page) in walks[who].items():
        kinds[kind] += 1
        if kind and kinds[kind] <= ENOUGH_OF_A_KIND:
            found += [f"{address}: {each}" for each in faults(page)]
    assert found == []
    assert kinds.total() - kinds[""] >= fewest


def test_seeding_leaves_its_rows_in_the_record():
    actions = Counter(AccessRecord.objects.values_list("action", flat=True))
    assert actions["uploaded"] == SharedDocument.objects.count()
    assert actions["replaced"] == DocumentVersion.objects.count() - SharedDocument.objects.count()
    assert actions["withdrawn"] == actions["destroyed"] == actions["membership_suspended"] == 1
    assert actions["membership_approved"] == Membership.objects.exclude(decision="pending").count()


def test_the_editor_may_change_papers_of_the_guidance_and_not_of_the_committee():
    client = signed_in_as("editor")
    assert client.get(f"/admin/documents/edit/{paper('Anti-radicalisation').pk}/").status_code == 200
    assert client.get(f"/admin/documents/edit/{paper('Budget for').pk}/").status_code == 404


def test_members_were_told_of_each_thing_on_its_day() -> None:
    told = Announcement.objects.filter(at__lte=timezone.now()).select_related("post", "paper")  # one is to come
    days = {(each.thing, each.at, each.told_at_once) for each in told}
    posts, papers = NewsPage.objects.out(), SharedDocument.objects.filter(pk__in=told.values("paper"))
    assert {thing for thing, _, _ in days} == {*posts, *papers}
    expected = {(post, post.published_at, True) for post in posts}
    assert days == expected | {(paper, paper.publish_at, True) for paper in papers}
    contributed = SharedDocument.objects.exclude(contributed_by=None)
    assert set(SharedDocument.objects.visible_to_any_member()) - set(contributed) <= set(papers)
    member = User.objects.get(email="member@example.org")
    assert 0 < Announcement.objects.visible_to(member).filter(at__gt=member.news_seen_at).count() < len(days) / 4
