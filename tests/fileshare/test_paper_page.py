"""A paper's page: everything that one wants to know before opening the file."""

from __future__ import annotations

import datetime

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from wagtail.models import ReferenceIndex
from wagtail.rich_text import RichText

from fileshare import languages, mentions
from fileshare.models import Derivation, Folder, SharedDocument
from members.models import Organisation, User
from tests.factories import add_version, make_editor_of, make_folder, make_member, make_paper, make_post
from tests.marked import accept_terms, note_signing_in

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def client(signed_in):
    return signed_in(make_member())


def text_paper(title="", **fields):
    return make_paper(title, content=b"text", file_name="a.txt", **fields)


def page_of(client, paper):
    return BeautifulSoup(client.get(paper.get_absolute_url()).content, "html.parser")


def words(element):
    return " ".join(element.get_text(" ").split())


def facts_of(page):
    return {words(each.dt): words(each.dd) for each in page.select(".facts > div")}


def section(page, heading):
    found = [each for each in page.select("section") if words(each.h2) == heading]
    return found[0] if found else None


def test_page_shows_every_fact_of_a_paper(client):
    source = Organisation.objects.create(name="Office of Gates")
    paper = text_paper(
        "Handbook",
        source=source,
        original_date=datetime.date(2026, 3, 1),
        description="All about gates.",
        language="fr",
        caveat="OFFICIAL",
        publish_at=timezone.make_aware(datetime.datetime(2026, 4, 2, 9)),  # noqa: DTZ001 -- made aware here
        collection=make_folder("Guidance"),
    )
    paper.tags.set(["Radio", "Gates"])
    page = page_of(client, paper)
    assert facts_of(page) == {
        "Source": "Office of Gates",
        "Date of the original": "1 March 2026",
        "Here since": "2 April 2026, 09:00",
        "Folder": "Guidance",
        "Language": "French",
        "Topics": "Gates , Radio",
        "File": "a.txt Plain text, 4\xa0bytes".replace("\xa0", " "),
    }
    assert words(page.select_one(".marking-note")) == (
        "TLP:GREEN You may share this paper within our community, but not through public channels. "
        "Marked by its origin: OFFICIAL"
    )
    assert words(page.select_one("code")) == paper.sha256
    assert "All about gates." in words(page.select_one("article"))
    assert page.select_one("h1").get_text() == "Handbook"


@pytest.mark.parametrize(
    ("own", "of_file", "name"),
    [
        ("", "en-gb", "British English"),
        ("de", "en-gb", "German"),
        ("", "de-at", "German"),
        ("", "xx-yy", None),
        ("", "", None),
    ],
)
def test_language_is_the_editor_s_or_else_the_file_s(client, own, of_file, name):
    paper = text_paper(language=own)
    Derivation.objects.create(version=paper.current_version, state="made", language=of_file)
    assert facts_of(page_of(client, paper)).get("Language") == name


def test_languages_are_offered_by_name():
    assert ("de", "German") in languages.choices()
    assert languages.choices()[0] == ("", "As the file says")


def test_first_page_is_large_and_small_where_copies_are_stamped(client):
    paper = text_paper()
    keys = [default_storage.save(f"previews/bb/{paper.pk}{size}", ContentFile(b"x")) for size in "sl"]
    Derivation.objects.create(
        version=paper.current_version, state="made", small=keys[0], large=keys[1], width=800, height=1131
    )
    address = f"/files/document/{paper.uuid}/preview/1/"
    for marking, size, pixels in (("GREEN", "large", ("800", "1131")), ("AMBER+STRICT", "small", ("200", "283"))):
        SharedDocument.objects.update(marking=f"TLP:{marking}")
        accept_terms([paper], User.objects.get(pk=client.session["_auth_user_id"]))
        note_signing_in(client, "mfa")
        image = page_of(client, paper).select_one(".first-page img")
        assert (image["src"], image["width"], image["height"]) == (f"{address}{size}/", *pixels)
        assert image["alt"] == "The first page"
    Derivation.objects.all().delete()
    page = page_of(client, paper)
    assert page.select(".first-page") == []
    assert page.select_one(".document-sheet") is not None


def test_versions_say_what_is_new_who_brought_them_and_when(client):
    folder = make_folder("Guidance")
    editor = make_member(first_name="Ada", last_name="Editor")
    paper = text_paper(collection=folder, by=editor)
    add_version(paper, b"longer text", file_name="b.txt")
    paper.versions.filter(number=1).update(
        note="First issue", created_at=timezone.now().replace(year=2025, month=5, day=4, hour=12)
    )
    listed = [words(each) for each in section(page_of(client, paper), "Versions").select("li")]
    today = timezone.localdate()
    ways = "Read version 2 · Download version 2"
    assert listed == [
        f"Version 2 Current Real change {today.day} {today:%b %Y} · Plain text, 11 bytes {ways}",
        "Version 1 First issue 4 May 2025 , Ada Editor · Plain text, 4 bytes Read version 1 · Download version 1",
    ]
    Folder.objects.update(former_versions_readable=False)
    listed = [words(each.h3) for each in section(page_of(client, paper), "Versions").select("li")]
    assert listed == ["Version 2 Current"]


# --- Related papers ---------------------------------------------------------------------------------------------
def related(client, paper):
    found = section(page_of(client, paper), "Related papers")
    return [] if found is None else [each.get_text() for each in found.select("h3")]


def test_related_papers_share_a_topic_or_else_the_source(client):
    source = Organisation.objects.create(name="Office")
    now = timezone.now()
    paper = text_paper("Paper", source=source)
    paper.tags.set(["Gates", "Radio"])
    for days, title in enumerate(("Same source", "Same source, older", "Nothing"), start=1):
        text_paper(title, source=source if "source" in title else None, publish_at=now - days * DAY)
    old = text_paper("Same topic", publish_at=now - 900 * DAY)
    old.tags.set(["Radio"])
    both = text_paper("Both", source=source, publish_at=now - 800 * DAY)
    both.tags.set(["Gates"])
    assert related(client, paper) == ["Both", "Same topic", "Same source", "Same source, older"]
    for number in range(4):
        text_paper(f"On gates {number}", publish_at=now - (10 + number) * DAY).tags.set(["Gates"])
    assert related(client, paper) == [f"On gates {number}" for number in range(4)]


def test_related_papers_are_those_that_the_reader_may_read(client):
    paper = text_paper("Paper")
    for title, fields in {
        "Closed": {"collection": make_folder("Closed", groups=("Committee",))},
        "Embargoed": {"publish_at": timezone.now() + DAY},
        "Withdrawn": {"withdrawn_at": timezone.now()},
    }.items():
        text_paper(title, **fields).tags.set(["Gates"])
    paper.tags.set(["Gates"])
    assert related(client, paper) == []


# --- Posts ------------------------------------------------------------------------------------------------------
def attached(paper):
    return ("documents", {"heading": "", "documents": [paper]})


def linked(paper):
    return ("text", RichText(f'<p><a linktype="document" id="{paper.pk}">the paper</a></p>'))


MEMBERS_ONLY = ("members_only", None)


def post_with(title, body, **fields):
    post = make_post(title, body=body, **fields)
    ReferenceIndex.create_or_update_for_object(post)  # as the worker does
    return post


def posts_about(client, paper):
    found = section(page_of(client, paper), "Posts about this paper")
    return [] if found is None else [(each.a.get_text(), each.a["href"]) for each in found.select("li")]


def test_posts_that_attach_or_lead_to_the_paper_stand_on_its_page(client):
    paper, other = text_paper(), text_paper()
    now = timezone.now()
    posts = [
        post_with("Attached", [attached(paper)], published_at=now - DAY),
        post_with("Linked", [linked(paper)], published_at=now - 2 * DAY),
        post_with(
            "For members",
            [("text", RichText("<p>For all.</p>")), MEMBERS_ONLY, attached(paper)],
            published_at=now - 3 * DAY,
        ),
    ]
    post_with("About another", [attached(other), linked(other)])
    assert posts_about(client, paper) == [(post.title, post.url) for post in posts]


def test_post_that_the_reader_may_not_read_is_not_named(client, signed_in):
    paper = text_paper()
    post_with("Draft", [attached(paper)], live=False)
    post_with("To come", [attached(paper)], published_at=timezone.now() + DAY)
    members = post_with("For members", [MEMBERS_ONLY, attached(paper)])
    assert posts_about(client, paper) == [("For members", members.url)]
    staff = make_editor_of(paper.collection)  # who reads papers without being a member, and posts as everybody does
    staff.membership.delete()
    assert section(page_of(signed_in(staff), paper), "Versions") is not None
    assert posts_about(signed_in(staff), paper) == []


def test_post_s_draft_names_no_paper_that_its_readers_do_not_see(client):
    paper = text_paper()
    post = post_with("Public", [])
    post.body = [attached(paper)]
    post.save_revision()
    ReferenceIndex.create_or_update_for_object(type(post).objects.get(pk=post.pk))
    assert posts_about(client, paper) == []


def test_finder_is_asked_once_however_often_it_registers(client):
    known = list(mentions._finders)
    mentions.register(known[0])
    assert mentions._finders == known
