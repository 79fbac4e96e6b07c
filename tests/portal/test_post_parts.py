"""What stands in and below a post: call-outs, ways on, dates, related posts, ways to pass it on."""

from __future__ import annotations

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.blocks import StructBlockValidationError
from wagtail.models import PageViewRestriction

from portal.blocks import ButtonBlock
from portal.models import HomePage, NewsPage, StandardPage, Topic
from tests.factories import make_post
from tests.portal.reading import soup_of, words_of
from tests.portal.test_storages import make_picture

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2026, 11, 2, 12, tzinfo=datetime.UTC)


def shown(**fields):
    make_post(slug="a-post", **fields)
    return soup_of(Client(), "/news/a-post/").select_one("main")


# --- Blocks -----------------------------------------------------------------------------------------------------
def test_cover_stands_above_the_post_in_lists_and_on_the_front_page_with_its_words_where_it_says_something():
    post = make_post("Covered", cover=make_picture(), cover_alt="A green field")
    for address, place, words in (
        (post.url, ".article-head .cover img", "A green field"),
        ("/", ".lead-post img", "A green field"),
        ("/news/", ".post-card img", ""),  # beside the title, which says it
    ):
        picture = soup_of(Client(), address).select_one(place)
        assert picture["alt"] == words
        assert [each["type"] for each in picture.parent.select("source")] == ["image/avif", "image/webp"]
        assert {"width", "height"} <= picture.attrs.keys()
    assert soup_of(Client(), make_post("Bare").url).select(".article-head img") == []


def test_callout_and_link_card():
    page = shown(
        body=[
            ("callout", {"heading": "Mind", "text": "<p>The <b>step</b>.</p>"}),
            ("callout", {"heading": "", "text": "<p>Quietly.</p>"}),
            (
                "link_card",
                {"address": "https://www.films.example.net/x?a=1", "title": "A film", "description": "On rain."},
            ),
        ]
    )
    assert [words_of(each) for each in page.select("aside.callout")] == ["Mind The step .", "Quietly."]
    card = page.select_one(".link-card")
    assert words_of(card) == "A film On rain. On films.example.net, another site"
    assert card.a["href"] == "https://www.films.example.net/x?a=1"
    assert not page.select("iframe, embed, object, video")


def test_button_leads_to_a_published_page_or_to_another_site_and_is_gone_with_its_page():
    about = StandardPage(title="About", slug="about")
    HomePage.objects.get().add_child(instance=about)
    draft = StandardPage(title="Draft", slug="draft", live=False)
    HomePage.objects.get().add_child(instance=draft)
    buttons = [
        ("button", {"label": "Here", "page": about, "address": ""}),
        ("button", {"label": "There", "page": None, "address": "https://example.net/"}),
        ("button", {"label": "Nowhere yet", "page": draft, "address": ""}),
    ]
    found = [(each.get_text(strip=True), each["href"]) for each in shown(body=buttons).select("a.button")]
    assert found == [("Here", "/about/"), ("There", "https://example.net/")]
    about.delete()
    page = soup_of(Client(), "/news/a-post/")
    assert [each.get_text(strip=True) for each in page.select("main a.button")] == ["There"]


@pytest.mark.parametrize("address", ["", "https://example.net/"])
def test_button_wants_one_of_the_two(address):
    page = HomePage.objects.get().page_ptr if address else None
    with pytest.raises(StructBlockValidationError) as problem:
        ButtonBlock().clean({"label": "On", "page": page, "address": address})
    assert "one of the two" in str(problem.value.block_errors["address"])


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "nonsense"])
def test_address_that_runs_something_is_refused(address):
    with pytest.raises(StructBlockValidationError):
        ButtonBlock().clean({"label": "On", "page": None, "address": address})


# --- Dates ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (0, 0, None),
        (0, 0.1, None),  # the same day
        (0, 3, "5 November 2026"),
        (2, 2, None),  # published later than its date says, and not touched since
        (2, 2.1, None),
        (2, 4, "6 November 2026"),
    ],
)
def test_updated_date_stands_by_a_post_that_changed_on_a_later_day(first, last, expected):
    post = make_post(slug="a-post", published_at=NOON)
    times = {"first_published_at": first, "last_published_at": last}
    NewsPage.objects.filter(pk=post.pk).update(
        **{name: NOON + datetime.timedelta(days=days) for name, days in times.items()}
    )
    head = words_of(soup_of(Client(), "/news/a-post/").select_one(".article-head"))
    found = re.search(r"Updated (\d+ \w+ \d+)", head)
    assert (found and found[1]) == expected


# --- Below the post ---------------------------------------------------------------------------------------------
def test_related_posts_are_the_newest_of_the_same_topics():
    rain, snow, sun = (Topic.objects.create(name=name, slug=name) for name in ("rain", "snow", "sun"))
    for number in range(1, 5):
        make_post(f"Rain {number}", topics=[rain], published_at=NOON - datetime.timedelta(days=number))
    make_post("Both", topics=[rain, snow], published_at=NOON - datetime.timedelta(hours=1))
    make_post("Sun", topics=[sun], published_at=NOON)
    make_post("Draft", topics=[rain], live=False)
    make_post("Tomorrow", topics=[rain], published_at=timezone.now() + datetime.timedelta(days=1))
    private = make_post("Private", topics=[rain])
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    page = shown(topics=[rain, snow])
    assert [each.get_text(strip=True) for each in page.select(".related a")] == ["Both", "Rain 1", "Rain 2"]


def test_post_without_topics_has_no_related_posts():
    make_post()
    assert not shown().select(".related")


def test_post_can_be_sent_by_mail_and_its_address_copied(settings):
    settings.BASE_URL = "https://members.example.org"
    page = shown(title="Rain & wind")
    mail = page.select_one(".post-foot a[href^='mailto:']")
    assert mail["href"] == (
        "mailto:?subject=Rain%20%26%20wind&body=https%3A%2F%2Fmembers.example.org%2Fnews%2Fa-post%2F"
    )
    button = page.select_one("[data-copy]")
    assert button["data-copy"] == "https://members.example.org/news/a-post/"
    assert button.find_parent(hidden=True) is not None  # until a script says that it can
