"""The news list, and a post: what each kind of reader gets of it."""

from __future__ import annotations

import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from django.utils.lorem_ipsum import words
from wagtail.blocks import StreamBlockValidationError
from wagtail.models import PageViewRestriction, Workflow

from portal.models import Author, NewsPage, Topic
from tests.factories import PASSWORD, make_folder, make_member, make_paper, make_post, make_user, minimal_pdf
from tests.portal.reading import INSIDERS, MARKER, OUTSIDERS, PUBLIC_LISTS, client_of, make_note, soup_of, words_of

pytestmark = pytest.mark.django_db


def ago(**spans: float) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(**spans)


def titles(client: Client, address: str) -> list[str]:
    return [heading.get_text(strip=True) for heading in soup_of(client, address).select(".post-card h2")]


# --- The list ---------------------------------------------------------------------------------------------------
def ways_on(client: Client, address: str) -> dict[str, str]:
    links = soup_of(client, address).select(".pagination a[rel]")
    return {link.get_text(strip=True): link["href"] for link in links}


def walk(client: Client, address: str, way: str) -> list[list[str]]:
    """The titles of each page from here on, following one link."""
    found = [titles(client, address)]
    while way in (links := ways_on(client, address)):
        address = links[way]
        found.append(titles(client, address))
    return found


def test_list_shows_ten_posts_a_page_newest_first_and_leads_both_ways(client):
    for number in range(1, 24):
        make_post(f"Post number {number}", published_at=ago(days=number))
    pages = [[f"Post number {number}" for number in part] for part in (range(1, 11), range(11, 21), range(21, 24))]
    assert walk(client, "/news/", "Older posts") == pages
    assert set(ways_on(client, "/news/")) == {"Older posts"}
    second = ways_on(client, "/news/")["Older posts"]
    assert set(ways_on(client, second)) == {"Older posts", "Newer posts"}
    last = ways_on(client, second)["Older posts"]
    assert set(ways_on(client, last)) == {"Newer posts"}
    assert walk(client, last, "Newer posts") == pages[::-1]


def test_posts_of_the_same_moment_are_all_listed_once(client):
    at_once = ago(days=1)
    made = {make_post(published_at=at_once).title for _ in range(25)}
    listed = [title for page in walk(client, "/news/", "Older posts") for title in page]
    assert (len(listed), set(listed)) == (25, made)


def test_first_page_is_whole_whatever_way_leads_there(client):
    for number in range(1, 13):
        make_post(f"Post {number}", published_at=ago(days=number))
    back = ways_on(client, ways_on(client, "/news/")["Older posts"])["Newer posts"]
    assert titles(client, back) == [f"Post {number}" for number in range(1, 11)]
    make_post("Post 0")
    assert titles(client, back) == [f"Post {number}" for number in range(1, 11)]  # the place has not moved
    assert titles(client, ways_on(client, back)["Newer posts"]) == [f"Post {number}" for number in range(10)]


def test_list_without_posts_says_so(client):
    assert "No news yet" in words_of(soup_of(client, "/news/"))
    assert titles(client, "/news/") == []


@pytest.mark.parametrize("way", ["before", "after"])
@pytest.mark.parametrize(
    "place",
    [
        "0",
        "-1",
        "two",
        "1.5-1",
        "",
        "-",
        "1-",
        "-1-1",
        "%00",
        "1%20OR%201=1",
        "٣-1",
        "9" * 18 + "-1",
        "1-1-1",
        "1" * 999,
    ],
)
def test_place_that_does_not_exist_is_not_found(client, way, place):
    make_post()
    assert client.get(f"/news/?{way}={place}").status_code == 404


def test_nothing_is_older_than_the_oldest(client):
    make_post()
    assert client.get("/news/?before=1-1").status_code == 404
    assert titles(client, "/news/?after=99999999999999999-1") == titles(client, "/news/")


def test_list_of_a_topic_names_its_posts_alone_and_keeps_the_topic_when_turning_pages(client):
    exercises, training = (Topic.objects.create(name=name, slug=name.lower()) for name in ("Exercises", "Training"))
    for number in range(12):
        make_post(f"Exercise {number:02}", published_at=ago(days=number), topics=[exercises])
    make_post("A course", topics=[training])
    make_post("Of no topic")
    assert titles(client, "/news/topics/exercises/") == [f"Exercise {number:02}" for number in range(10)]
    assert walk(client, "/news/topics/exercises/", "Older posts")[1:] == [["Exercise 10", "Exercise 11"]]
    assert titles(client, "/news/topics/training/") == ["A course"]
    current = soup_of(client, "/news/topics/training/").select(".topic-list a[aria-current]")
    assert [link["href"] for link in current] == ["/news/topics/training/"]


@pytest.mark.parametrize("address", ["topics/", "topics/unknown/", "topics/Exercises%00/", "topics/a/b/", "topics/é/"])
def test_topic_that_does_not_exist_is_not_found(client, address):
    assert client.get(f"/news/{address}").status_code == 404


def test_topic_of_unpublished_posts_alone_is_not_offered(client):
    secret = Topic.objects.create(name=MARKER, slug="secret")
    make_post("Draft", live=False, topics=[secret])
    make_post("Tomorrow", published_at=timezone.now() + datetime.timedelta(days=1), topics=[secret])
    assert MARKER not in client.get("/news/").content.decode()


def test_list_names_topic_and_whether_papers_belong_to_a_post(client):
    topic = Topic.objects.create(name="Guidance", slug="guidance")
    paper = make_note(collection=make_folder("Guidance"))
    make_post("With papers", body=[("documents", {"heading": "Papers", "documents": [paper]})], topics=[topic])
    make_post("With a cut", body=[("text", "<p>Open.</p>"), ("members_only", None)], published_at=ago(days=2))
    cards = [words_of(card) for card in soup_of(client, "/news/").select(".post-card")]
    assert "Guidance · Full documents for members" in cards[0]
    assert "Partly for members" in cards[1]


# --- The members' part ------------------------------------------------------------------------------------------
@pytest.fixture
def cut_post(db):
    """A post whose second part, with its heading and its paper, is for members."""
    paper = make_note(f"Paper {MARKER}", collection=make_folder("Guidance"))
    return make_post(
        "A post in two parts",
        body=[
            ("heading", {"text": "For everybody"}),
            ("text", "<p>The open part.</p>"),
            ("members_only", None),
            ("heading", {"text": f"Inside {MARKER}"}),
            ("text", f"<p>The closed part {MARKER}.</p>"),
            ("quote", {"text": MARKER, "attribution": ""}),
            ("documents", {"heading": f"Papers {MARKER}", "documents": [paper]}),
        ],
    )


@pytest.mark.parametrize("kind", OUTSIDERS)
def test_members_part_is_absent_for(kind, cut_post):
    client = client_of(kind)
    text = client.get(cut_post.url).content.decode()
    assert "The open part." in text
    assert "The rest is for members" in text
    for address in (cut_post.url, *PUBLIC_LISTS):
        assert MARKER not in client.get(address).content.decode(), address


@pytest.mark.parametrize("kind", INSIDERS)
def test_members_part_is_there_for(kind, cut_post):
    soup = soup_of(client_of(kind), cut_post.url)
    assert f"The closed part {MARKER}." in words_of(soup)
    assert "The rest is for members" not in words_of(soup)
    assert MARKER not in soup.select_one("meta[name=description]")["content"]


def test_members_part_is_there_for_an_editor_who_is_no_member(cut_post):
    client = Client()
    client.force_login(make_user(groups=("Editors",)))
    assert f"The closed part {MARKER}." in client.get(cut_post.url).content.decode()


def test_members_part_offers_a_visitor_the_way_in_and_back(client, cut_post):
    link = soup_of(client, cut_post.url).find("a", string="Sign in to read on")
    assert link["href"] == f"/account/login/?next={cut_post.url}"


def test_members_part_tells_a_lapsed_member_why_it_is_closed(cut_post):
    assert "Your membership has lapsed" in words_of(soup_of(client_of("lapsed"), cut_post.url).select_one(".gate"))


def test_post_cannot_be_cut_twice():
    post = make_post(body=[("members_only", None), ("text", "<p>x</p>"), ("members_only", None)])
    with pytest.raises(StreamBlockValidationError) as caught:
        post.body.stream_block.clean(post.body)
    assert "only once" in str(caught.value.as_json_data())


# --- Not published ----------------------------------------------------------------------------------------------
def draft() -> NewsPage:
    return make_post(f"Draft {MARKER}", slug="hidden", live=False)


def scheduled() -> NewsPage:
    post = make_post(f"Scheduled {MARKER}", slug="hidden", live=False)
    post.go_live_at = timezone.now() + datetime.timedelta(hours=1)
    post.save_revision().publish()
    return post


def in_review() -> NewsPage:
    post = make_post(f"Under review {MARKER}", slug="hidden", live=False)
    post.save_revision()
    Workflow.objects.get(name="review").start(post, make_user(groups=("Editors",)))
    return post


def expired() -> NewsPage:
    post = make_post(f"Expired {MARKER}", slug="hidden")
    post.unpublish()
    return post


@pytest.mark.parametrize("make_hidden", [draft, scheduled, in_review, expired])
@pytest.mark.parametrize("kind", ["visitor", "lapsed", "member"])
def test_post_that_is_not_published_is_nowhere(kind, make_hidden):
    topic = Topic.objects.create(name="Guidance", slug="guidance")
    before, after = (make_post(name, published_at=ago(hours=hours), topics=[topic]) for name, hours in
                     (("Before", 3), ("After", 0.1)))  # fmt: skip
    hidden = make_hidden()
    NewsPage.objects.filter(pk=hidden.pk).update(published_at=ago(hours=1))
    hidden.topics = [topic]
    client = client_of(kind)
    for address in ("/news/hidden/", *PUBLIC_LISTS, before.url, after.url, "/news/topics/guidance/"):
        response = client.get(address)
        assert response.status_code == (404 if address == "/news/hidden/" else 200), address
        assert MARKER not in response.content.decode(), address


@pytest.mark.parametrize(
    "address", ["/news/nothing/", "/news/a/b/", "/news/%00/", "/nothing/", "/news/é/", "/news/feed/x/"]
)
def test_address_without_page_is_not_found(client, address):
    response = client.get(address)
    assert response.status_code == 404
    assert "There is nothing here for you to see" in response.content.decode()


def test_private_post_is_named_nowhere_and_asks_a_visitor_to_sign_in(client):
    post = make_post(f"Private {MARKER}", slug="private")
    PageViewRestriction.objects.create(page=post, restriction_type=PageViewRestriction.LOGIN)
    for address in PUBLIC_LISTS:
        assert MARKER not in client.get(address).content.decode(), address
    response = client.get("/news/private/")
    assert response.status_code == 302
    assert urlsplit(response["Location"]).path == "/account/login/"


@pytest.mark.parametrize("kind", [*OUTSIDERS, *INSIDERS])
def test_private_post_is_for_current_members(kind):
    post = make_post(slug="private", body=[("text", f"<p>{MARKER}</p>")])
    PageViewRestriction.objects.create(page=post, restriction_type=PageViewRestriction.LOGIN)
    response = client_of(kind).get("/news/private/")
    assert response.status_code == (200 if kind in INSIDERS else 302 if kind == "visitor" else 403)
    assert (MARKER in response.content.decode()) is (kind in INSIDERS)


@pytest.mark.parametrize("kind", ["member", "lapsed"])
def test_post_for_a_group_is_refused_to_others_and_nobody_goes_in_circles(kind):
    post = make_post(slug="private", body=[("text", f"<p>{MARKER}</p>")])
    restriction = PageViewRestriction.objects.create(page=post, restriction_type=PageViewRestriction.GROUPS)
    restriction.groups.set([Group.objects.create(name="Committee")])
    response = client_of(kind).get("/news/private/", follow=True)
    assert (response.status_code, response.redirect_chain) == (403, [])
    assert MARKER not in response.content.decode()
    insider = Client()
    insider.force_login(make_member(groups=("Committee",)))
    assert MARKER in insider.get("/news/private/").content.decode()


# --- The post ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("slug", ["feed", "topics"])
def test_addresses_of_the_list_itself_cannot_be_slugs(slug):
    post = make_post()
    post.slug = slug
    with pytest.raises(ValidationError) as caught:
        post.full_clean()
    assert list(caught.value.message_dict) == ["slug"]


@pytest.mark.parametrize(("count", "minutes", "shown"), [(0, 1, "One minute"), (220, 1, "One minute"),
                                                        (221, 2, "Two minutes"), (2300, 11, "11 minutes")])  # fmt: skip
def test_reading_time_follows_from_the_words(client, count, minutes, shown):
    post = make_post(body=[("text", f"<p>{words(count, common=False)}</p>")] if count else [])
    assert post.reading_minutes == minutes
    assert shown in words_of(soup_of(client, post.url).select_one(".article-head"))


def test_contents_list_appears_with_four_sections(client):
    def with_headings(count: int) -> NewsPage:
        return make_post(body=[("heading", {"text": f"Part {number}"}) for number in range(1, count + 1)])

    assert not soup_of(client, with_headings(3).url).select(".contents")
    soup = soup_of(client, with_headings(4).url)
    anchors = [link["href"] for link in soup.select(".contents a")]
    assert anchors == ["#part-1", "#part-2", "#part-3", "#part-4"]
    assert all(soup.select_one(anchor).name == "h2" for anchor in anchors)


def test_sections_of_one_name_have_places_of_their_own(client):
    body = [("heading", {"text": text}) for text in ("Summary", "Summary", "Comments", "Related", "Summary")]
    soup = soup_of(client, make_post(body=body).url)
    headings = [heading["id"] for heading in soup.select(".prose h2[id]")]
    assert headings == ["summary", "summary-2", "comments-2", "related-2", "summary-3"]
    everything = [element["id"] for element in soup.select("[id]")]
    assert len(everything) == len(set(everything))
    assert [link["href"] for link in soup.select(".contents a")] == [f"#{each}" for each in headings]


def test_two_panels_of_one_name_have_places_of_their_own(client):
    papers = [make_note(collection=make_folder()) for _ in range(2)]
    panels = [("documents", {"heading": "The full documents", "documents": [paper]}) for paper in papers]
    soup = soup_of(client, make_post(body=panels).url)
    assert [panel["id"] for panel in soup.select(".papers")] == [
        "papers-the-full-documents",
        "papers-the-full-documents-2",
    ]
    assert soup.select("a.go")[1]["href"].endswith("%23papers-the-full-documents-2")


def test_previous_and_next_follow_the_dates_and_skip_the_unpublished(client):
    old, _draft, middle, new = (
        make_post(title, published_at=ago(days=days), live=live)
        for title, days, live in (("Old", 9, True), ("Draft", 7, False), ("Middle", 5, True), ("New", 1, True))
    )

    def neighbours(post: NewsPage) -> dict[str, str]:
        return {link["rel"][0]: link["href"] for link in soup_of(client, post.url).select(".post-neighbours a")}

    assert neighbours(old) == {"next": middle.url}
    assert neighbours(middle) == {"prev": old.url, "next": new.url}
    assert neighbours(new) == {"prev": middle.url}


def test_previous_and_next_reach_each_of_several_posts_of_one_moment(client):
    moment = ago(days=1)
    posts = [make_post(f"At once {number}", published_at=moment) for number in range(3)]
    seen, address = [], posts[0].url
    while address and address not in seen:
        seen.append(address)
        link = soup_of(client, address).select_one(".post-neighbours a[rel=next]")
        address = link["href"] if link else ""
    assert seen == [post.url for post in posts]


def test_head_names_authors_topics_and_date(client):
    authors = [Author.objects.create(name=name, slug=name.lower(), role=role) for name, role in
               (("Ada", "Secretary"), ("Ben", ""), ("Cas", ""))]  # fmt: skip
    topic = Topic.objects.create(name="Guidance", slug="guidance")
    post = make_post(
        authors=authors, topics=[topic], published_at=datetime.datetime(2026, 3, 29, 0, 30, tzinfo=datetime.UTC)
    )
    head = soup_of(client, post.url).select_one(".article-head")
    assert "By Ada (Secretary), Ben and Cas · 29 March 2026 · One minute" in words_of(head).replace(" ,", ",")
    assert head.select_one("a.topic")["href"] == "/news/topics/guidance/"


def test_description_is_the_search_description_or_else_the_standfirst(client):
    post = make_post(standfirst="Why <it> & matters.")
    assert soup_of(client, post.url).select_one("meta[name=description]")["content"] == "Why <it> & matters."
    post.search_description = "In a word."
    post.save()
    assert soup_of(client, post.url).select_one("meta[name=description]")["content"] == "In a word."


# --- The full documents -----------------------------------------------------------------------------------------
@pytest.fixture
def panel_post(db):
    """A post with a paper of each sort, all in one block."""
    folder, committee = make_folder("Guidance"), make_folder("Committee", groups=("Committee",))
    now = timezone.now()
    hour = datetime.timedelta(hours=1)
    papers = {
        "green": make_paper("Green paper", collection=folder, content=minimal_pdf("g", pages=3)),
        "clear": make_note("Clear paper", collection=folder, marking="TLP:CLEAR"),
        "amber": make_paper("Amber paper", collection=folder, marking="TLP:AMBER"),
        "red": make_paper("Red paper", collection=folder, marking="TLP:RED"),
        "committee": make_note("Committee paper", collection=committee),
        "embargoed": make_note("Embargoed paper", collection=folder, publish_at=now + hour),
        "expired": make_note("Expired paper", collection=folder, expires_at=now - hour),
        "withdrawn": make_note("Withdrawn paper", collection=folder, withdrawn_at=now),
        "waiting": make_note("Waiting paper", collection=folder, inspected=False),
    }
    post = make_post("Papers", body=[("documents", {"heading": "All of them", "documents": list(papers.values())})])
    return post, papers


HIDDEN = ("embargoed", "expired", "withdrawn", "waiting")


def rows(kind: str, post: NewsPage) -> list[tuple[str, str]]:
    """The panel's rows as this kind of reader sees them: title and text."""
    found = soup_of(client_of(kind), post.url).select(".papers .paper-row")
    return [(row.h3.get_text(strip=True), words_of(row)) for row in found]


def shown_titles(kind: str, post: NewsPage) -> list[str]:
    return [title for title, _text in rows(kind, post)]


@pytest.mark.parametrize("kind", [*OUTSIDERS, "member"])
def test_paper_that_is_not_out_leaves_no_trace_on_a_post(kind, panel_post):
    post, papers = panel_post
    text = client_of(kind).get(post.url).content.decode()
    for name in (*HIDDEN, "committee"):
        assert papers[name].title not in text, name
        assert str(papers[name].uuid) not in text, name
    amber = "Amber paper" if kind == "member" else "A restricted paper"
    assert shown_titles(kind, post) == ["Green paper", "Clear paper", amber, "A restricted paper"]


def test_panel_of_hidden_papers_alone_is_not_there(client):
    paper = make_note("Embargoed", publish_at=timezone.now() + datetime.timedelta(days=1))
    post = make_post(body=[("documents", {"heading": f"Papers {MARKER}", "documents": [paper]})])
    assert MARKER not in client.get(post.url).content.decode()


def test_visitor_sees_kind_pages_size_marking_and_the_way_in_and_back(panel_post):
    post, papers = panel_post
    soup = soup_of(Client(), post.url)
    row = soup.select(".papers .paper-row")[0]
    assert f"PDF, 3 pages, {papers['green'].size / 1024:.1f}\xa0KB".replace("\xa0", " ") in words_of(row)
    assert row.select_one(".marking").get_text() == "TLP:GREEN"
    link = row.select_one("a.go")
    assert words_of(link).startswith("Sign in to download")
    assert urlsplit(link["href"]).path == "/account/login/"
    (back,) = parse_qs(urlsplit(link["href"]).query)["next"]
    assert back == f"{post.url}#papers-all-of-them"
    assert soup.select_one(f"#{back.partition('#')[2]}").name == "section"
    assert not soup.select("[data-document]")
    assert "/files/document/" not in str(soup)


def test_visitor_sees_a_restricted_paper_without_a_single_fact_of_it(panel_post):
    post, papers = panel_post
    text = Client().get(post.url).content.decode()
    for name in ("amber", "red"):
        assert papers[name].title not in text
        assert str(papers[name].uuid) not in text
        assert papers[name].marking not in text
    assert rows("visitor", post)[2][1].startswith("A restricted paper Sign in to see")


def test_signing_in_from_the_panel_leads_back_to_the_panel(client, panel_post):
    post, _papers = panel_post
    make_member("reader@example.org")
    page = soup_of(client, soup_of(client, post.url).select_one(".papers a.go")["href"])
    form = page.select_one("form[action*=login]")
    fields = {field["name"]: field.get("value", "") for field in form.select("input[name]")}
    response = client.post(form["action"], fields | {"login": "Reader@Example.org", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, f"{post.url}#papers-all-of-them")


def test_member_downloads_what_is_open_and_is_told_about_the_rest(panel_post):
    post, papers = panel_post
    soup = soup_of(client_of("member"), post.url)
    open_to_member = {str(papers[name].uuid) for name in ("green", "clear", "amber")}
    assert {row["data-document"] for row in soup.select("[data-document]")} == open_to_member
    downloads = {link["href"] for link in soup.select(".papers a.go")}
    assert downloads == {papers[name].download_url for name in ("green", "clear", "amber")}
    assert "open to certain members only" in rows("member", post)[-1][1]


def test_administrator_sees_every_paper(panel_post):
    post, papers = panel_post
    soup = soup_of(client_of("administrator"), post.url)
    assert {row["data-document"] for row in soup.select("[data-document]")} == {str(p.uuid) for p in papers.values()}


@pytest.mark.parametrize(("kind", "sentence"), [
    ("applicant", "Your application is being considered"),
    ("lapsed", "Your membership has lapsed"),
    ("suspended", "Your membership is suspended"),
    ("signed in without membership", "Your account has no membership yet"),
])  # fmt: skip
def test_person_without_current_membership_is_told_why_papers_are_closed(panel_post, kind, sentence):
    post, papers = panel_post
    soup = soup_of(client_of(kind), post.url)
    panel = soup.select_one(".papers")
    assert sentence in words_of(panel)
    assert "Green paper" in words_of(panel)
    assert not panel.select("[data-document], a.go")
    assert str(papers["green"].uuid) not in str(soup)


def test_deleted_paper_leaves_its_post_readable(panel_post):
    post, papers = panel_post
    papers["green"].delete()
    assert shown_titles("member", post) == ["Clear paper", "Amber paper", "A restricted paper"]
