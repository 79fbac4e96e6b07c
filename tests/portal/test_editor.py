"""An editor's work in Wagtail's administration, by the forms that the browser sends."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from portal.models import Author, HomePage, NewsIndexPage, NewsPage, Topic
from tests.factories import make_administrator, make_editor_of, make_folder, make_paper, make_post, make_user
from tests.portal.reading import client_of, soup_of, words_of
from tests.portal.test_storages import make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(db):
    return make_folder("Guidance")


@pytest.fixture
def editor(folder):
    """Writes posts, may not publish them, and chooses papers of one folder."""
    user = make_editor_of(folder, "editor@example.org")
    group = user.groups.get()
    for codename in ("add_page", "change_page"):
        GroupPagePermission.objects.create(group=group, page=HomePage.objects.get().page_ptr,
                                           permission=_permission(codename))  # fmt: skip
    return user


def _permission(codename: str) -> Any:
    from django.contrib.auth.models import Permission

    return Permission.objects.get(codename=codename, content_type__app_label="wagtailcore")


@pytest.fixture
def desk(editor):
    client = Client()
    client.force_login(editor)
    return client


def fields(
    title: str = "What we learned", blocks: list[tuple[str, Any]] | None = None, **changes: Any
) -> dict[str, Any]:
    """The whole form of a post."""
    data = {
        "title": title,
        "slug": "what-we-learned",
        "standfirst": "In two sentences.",
        "published_at": timezone.localtime().strftime("%Y-%m-%d %H:%M"),
        "cover": "",
        "cover_alt": "",
        "body": streamfield([("attribution", {"text": "Ours."})] if blocks is None else blocks),
        "seo_title": "",
        "search_description": "",
        "go_live_at": "",
        "expire_at": "",
        "comments": {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": ""},
    }
    return nested_form_data(data | changes)


def listed(items: list[Any]) -> dict[str, Any]:
    """A ListBlock's part of the form."""
    rows = {
        str(place): {"value": item, "deleted": "", "order": str(place), "id": ""} for place, item in enumerate(items)
    }
    return {"count": str(len(items)), **rows}


def add_address() -> str:
    return f"/admin/pages/add/portal/newspage/{NewsIndexPage.objects.get().pk}/"


def edit_address(post: NewsPage) -> str:
    return f"/admin/pages/{post.pk}/edit/"


def every_block(folder: Any) -> list[tuple[str, Any]]:
    pictures = [
        {"picture": str(make_picture().pk), "alt": f"Field {number}", "caption": "A field"} for number in (1, 2)
    ]
    paper = make_paper("The report", collection=folder)
    table = {
        "data": [["Day", "People"], ["Friday", "12"]],
        "first_row_is_table_header": True,
        "table_header_choice": "row",
        "table_caption": "Visitors",
    }
    return [
        ("heading", {"text": "What happened"}),
        (
            "text",
            rich_text("<p>It <b>rained</b>.</p>", features=["bold", "italic", "link", "ol", "ul", "document-link"]),
        ),
        ("quote", {"text": "It was wet.", "attribution": "A steward"}),
        ("picture", pictures[0]),
        ("gallery", {"pictures": listed(pictures)}),
        ("table", json.dumps(table)),
        (
            "callout",
            {"heading": "Mind", "text": rich_text("<p>The step.</p>", features=["bold", "italic", "link", "ol", "ul"])},
        ),
        ("link_card", {"address": "https://films.example.net/rain", "title": "A film", "description": "On rain."}),
        ("button", {"label": "To the rain", "page": "", "address": "https://rain.example.net/"}),
        ("documents", {"heading": "The full documents", "documents": listed([str(paper.pk)])}),
        ("attribution", {"text": "Theirs."}),
        ("members_only", ""),
    ]


def problems(response: Any) -> str:
    """What Wagtail says is wrong, when it shows the form again."""
    soup = BeautifulSoup(response.content, "html.parser")
    return " | ".join(words_of(each) for each in soup.select(".error-message, .messages li, .help-critical"))


def saved(response: Any) -> NewsPage:
    assert response.status_code == 302, problems(response)
    return NewsPage.objects.get(slug="what-we-learned")


def test_editor_writes_a_post_with_every_block_and_sees_its_preview(desk, folder):
    topic, author = Topic.objects.create(name="Rain", slug="rain"), Author.objects.create(name="Ada", slug="ada")
    data = fields(blocks=every_block(folder), topics=str(topic.pk), authors=str(author.pk))
    preview = desk.post(f"{add_address()}preview/", data)
    assert preview.json()["is_valid"] is True, preview.json()
    shown = desk.get(f"{add_address()}preview/?mode=")
    assert "It <b>rained</b>." in shown.content.decode()
    assert shown["X-Frame-Options"] == "SAMEORIGIN"

    post = saved(desk.post(add_address(), data))
    assert not post.live
    assert [block.block_type for block in post.body] == [
        "heading", "text", "quote", "picture", "gallery", "table", "callout", "link_card", "button", "documents",
        "attribution", "members_only",
    ]  # fmt: skip
    assert Client().get(post.url).status_code == 404
    post.get_latest_revision().publish()
    soup = soup_of(Client(), post.url)
    body = words_of(soup.select_one(".article-body"))
    for words in (
        "What happened",
        "It rained .",
        "It was wet. A steward",
        "A field",
        "Friday 12",
        "Mind The step.",
        "A film On rain.",
        "To the rain",
        "The report",
        "Theirs.",
    ):
        assert words in body
    assert [image["alt"] for image in soup.select(".article-body img")] == ["Field 1", "Field 1", "Field 2"]
    assert soup.caption.get_text() == "Visitors"
    assert "By Ada" in words_of(soup.select_one(".article-head"))


def test_form_that_is_not_right_says_what_and_keeps_what_was_typed(desk):
    data = fields(title="", standfirst="", slug="feed", blocks=[("heading", {"text": ""})])
    response = desk.post(add_address(), data)
    assert response.status_code == 200
    assert not NewsPage.objects.exists()
    said = problems(response)
    assert "This field is required." in said
    response = desk.post(add_address(), fields(slug="feed"))
    assert "is an address of the news list itself" in problems(response)


def test_address_that_another_post_has_is_refused_and_everything_stays(desk):
    make_post("The first", slug="what-we-learned")
    response = desk.post(add_address(), fields(blocks=[("attribution", {"text": "Words to keep."})]))
    assert response.status_code == 200
    assert "already in use" in problems(response)
    assert "Words to keep." in response.content.decode()
    assert NewsPage.objects.filter(slug="what-we-learned").count() == 1


@pytest.mark.parametrize("changes", [
    {"published_at": "yesterday"}, {"published_at": ""}, {"cover": "9999"}, {"cover": "x"}, {"topics": "9999"},
    {"topics": "x"}, {"authors": "-1"}, {"go_live_at": "never"}, {"slug": "a b"}, {"title": "x" * 300},
    {"standfirst": "x" * 500},
])  # fmt: skip
def test_malformed_field_is_a_message_and_never_a_failure(desk, changes):
    response = desk.post(add_address(), fields(**changes))
    assert response.status_code == 200
    assert problems(response)
    assert not NewsPage.objects.exists()


@pytest.mark.parametrize(
    "block",
    [
        ("documents", {"heading": "Papers", "documents": listed(["99999"])}),
        ("heading", {"text": "x" * 200}),
        ("unheard-of", "x"),
    ],
    ids=str,
)
def test_malformed_block_is_a_message_and_never_a_failure(signed_in, block):
    response = signed_in(make_administrator()).post(add_address(), fields(blocks=[block]) | {"action-publish": "1"})
    assert response.status_code == 200
    assert problems(response)
    assert not NewsPage.objects.exists()


def test_second_cut_is_refused_with_a_sentence(desk):
    response = desk.post(add_address(), fields(blocks=[("members_only", ""), ("members_only", "")]))
    assert response.status_code == 200
    assert "only once" in response.content.decode()


def test_post_goes_through_the_workflow_and_out(desk, folder):
    administrator = make_administrator("admin@example.org")
    chief = Client()
    chief.force_login(administrator)
    post = saved(desk.post(add_address(), fields(blocks=every_block(folder))))
    data = fields(blocks=every_block(folder))
    response = desk.post(edit_address(post), data | {"action-publish": "1"})
    post.refresh_from_db()
    assert not post.live, "one who may not publish did"
    response = desk.post(edit_address(post), data | {"action-submit": "1"})
    assert response.status_code == 302, problems(response)
    post.refresh_from_db()
    assert post.current_workflow_state.status == "in_progress"
    assert Client().get(post.url).status_code == 404
    assert any("submitted" in message.subject for message in mail.outbox)

    task = post.current_workflow_state.current_task_state
    address = reverse("wagtailadmin_pages:workflow_action", args=[post.pk, "approve", task.pk])
    assert desk.post(address).status_code in (302, 403)
    post.refresh_from_db()
    assert not post.live, "the author approved the own post"
    response = chief.post(address, {"comment": "Good."})
    assert response.status_code in (200, 302)
    post.refresh_from_db()
    assert post.live
    assert soup_of(Client(), post.url).h1.get_text() == "What we learned"


def test_reviewer_sends_a_post_back_and_then_lets_it_out(desk, signed_in):
    """Who is in Wagtail's group of moderators, and no administrator."""
    reviewer = signed_in(make_user("reviewer@example.org", groups=("Moderators",)))
    post = saved(desk.post(add_address(), fields()))
    assert "Submit to review" in desk.get(edit_address(post)).content.decode()
    desk.post(edit_address(post), fields() | {"action-submit": "1"})
    assert ["reviewer@example.org"] in [message.to for message in mail.outbox]
    assert "What we learned" in words_of(soup_of(reviewer, "/admin/").select_one("main"))

    def decide(action: str) -> None:
        post.refresh_from_db()
        task = post.current_workflow_state.current_task_state
        address = reverse("wagtailadmin_pages:workflow_action", args=[post.pk, action, task.pk])
        assert reviewer.post(address, {"comment": "A shorter title, please."}).status_code in (200, 302)
        post.refresh_from_db()

    decide("reject")
    assert (post.live, post.current_workflow_state.status) == (False, "needs_changes")
    assert "A shorter title, please." in desk.get(edit_address(post)).content.decode()
    desk.post(edit_address(post), fields(title="Learned") | {"action-submit": "1"})
    decide("approve")
    assert post.live
    assert soup_of(Client(), post.url).h1.get_text() == "Learned"


def test_form_stands_in_the_order_of_writing_and_explains_itself(desk):
    soup = soup_of(desk, add_address())
    panels = soup.select("#tab-content section[data-panel]")
    headings = [words_of(panel.select_one("[data-panel-heading-text]") or panel.h2) for panel in panels]
    assert headings == ["Title", "Standfirst", "Body", "Cover", "Topics, authors and tags", "Place in the lists",
                        "Comments", "Telling members"]  # fmt: skip
    helps = [words_of(each) for each in soup.select("#tab-content .help")]
    assert len(helps) >= 8
    assert [each for each in helps if not each.endswith(".")] == []


def test_post_is_published_at_a_set_time(desk, signed_in):
    chief = signed_in(make_administrator())
    moment = timezone.localtime().replace(second=0, microsecond=0) + datetime.timedelta(hours=2)
    at = moment.strftime("%Y-%m-%d %H:%M")
    post = saved(chief.post(add_address(), fields(go_live_at=at, published_at=at) | {"action-publish": "1"}))
    assert (post.live, post.approved_schedule) == (False, True)
    assert post.scheduled_revision.approved_go_live_at == moment
    assert Client().get(post.url).status_code == 404
    with time_machine.travel(moment + datetime.timedelta(seconds=30), tick=False):
        call_command("run_due")
        visitor = Client()
        assert visitor.get(post.url).status_code == 200
        assert "What we learned" in words_of(soup_of(visitor, "/news/"))


def test_editor_sees_the_members_part_while_writing_and_a_lapsed_member_does_not(desk, folder):
    blocks = [("text", rich_text("<p>Open.</p>")), ("members_only", ""), ("text", rich_text("<p>Closed.</p>"))]
    post = saved(desk.post(add_address(), fields(blocks=blocks)))
    post.get_latest_revision().publish()
    assert "Closed." in desk.get(post.url).content.decode()
    assert "Closed." not in client_of("lapsed").get(post.url).content.decode()


def test_draft_can_be_viewed_by_those_who_write_and_by_nobody_else(desk):
    post = saved(desk.post(add_address(), fields()))
    address = f"/admin/pages/{post.pk}/view_draft/"
    assert "What we learned" in desk.get(address).content.decode()
    assert client_of("member").get(address).status_code == 403
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("kind", ["member", "lapsed"])
def test_person_who_is_no_editor_can_change_nothing(kind, desk):
    post = saved(desk.post(add_address(), fields()))
    client = client_of(kind)
    for address in (add_address(), edit_address(post), f"/admin/pages/{post.pk}/delete/"):
        assert client.post(address, fields(title="Mine")).status_code == 403
    post.refresh_from_db()
    assert post.title == "What we learned"


def test_secretary_cannot_write_posts(signed_in):
    client = signed_in(make_user(groups=("Membership secretaries",)))
    response = client.post(add_address(), fields())
    assert response.status_code in (302, 403)
    assert not NewsPage.objects.exists()


def test_editor_makes_topics_and_authors(signed_in):
    client = signed_in(make_user(groups=("Editors",)))
    response = client.post("/admin/snippets/portal/topic/add/",
                           {"name": "Rain", "slug": "rain", "description": "", "order": "1"})  # fmt: skip
    assert response.status_code == 302, problems(response)
    response = client.post("/admin/snippets/portal/author/add/",
                           {"name": "Ada", "slug": "ada", "role": "", "biography": ""})  # fmt: skip
    assert response.status_code == 302, problems(response)
    assert Topic.objects.filter(slug="rain").exists()
    assert Author.objects.filter(slug="ada").exists()


def test_there_is_one_front_page_one_news_list_and_posts_lie_below_it_alone(signed_in):
    client = signed_in(make_administrator())
    home, news = HomePage.objects.get(), NewsIndexPage.objects.get()
    for model, parent in (
        ("homepage", 1),
        ("newsindexpage", home.pk),
        ("newspage", home.pk),
        ("standardpage", news.pk),
    ):
        assert client.get(f"/admin/pages/add/portal/{model}/{parent}/").status_code in (302, 403), model


def test_gallery_begins_with_the_two_places_that_it_needs():
    (gallery,) = [block for name, block in NewsPage.body.field.stream_block.child_blocks.items() if name == "gallery"]
    empty = {"picture": None, "alt": "", "caption": ""}
    assert [dict(each) for each in gallery.get_default()["pictures"]] == [empty, empty]
