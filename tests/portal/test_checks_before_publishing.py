"""What an editor is told before a post goes out: at the head of the form and after saving, in sentences."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone
from wagtail.test.utils.form_data import rich_text

from members.models import User
from portal.checks_before_publishing import remarks
from portal.links_in_texts import leads_somewhere
from portal.models import HomePage, NewsPage, StandardPage, Topic
from tests.factories import make_administrator, make_editor_of, make_folder, make_paper, make_post
from tests.portal.reading import MARKER, make_note, soup_of, words_of
from tests.portal.test_editor import add_address, edit_address, fields, listed, saved
from tests.portal.test_preview import may_edit_posts
from tests.portal.test_storages import make_picture

pytestmark = pytest.mark.django_db


UNSEEN = "People who do not see it learn nothing of it; leave that so only for mere decoration."


@pytest.fixture
def folder(db):
    return make_folder("Guidance")


@pytest.fixture
def editor(folder) -> User:
    return may_edit_posts(make_editor_of(folder))


@pytest.fixture
def desk(editor) -> Client:
    client = Client()
    client.force_login(editor)
    return client


def whole_post(body: list[tuple[str, Any]], **changes: Any) -> NewsPage:
    """A post with nothing to remark about but its body."""
    topic = Topic.objects.get_or_create(name="Rain", slug="rain")[0]
    return make_post("Rain", body=body, **{"cover": make_picture(), "cover_alt": "Rain", "topics": [topic]} | changes)


def said(client: Client, post: NewsPage) -> list[str]:
    """The sentences at the head of the form."""
    soup = soup_of(client, edit_address(post))
    return [words_of(each).removesuffix(" Go to the block") for each in soup.select(".remarks li")]


def test_post_that_is_ready_has_no_remarks(desk, folder):
    body = [
        ("heading", {"text": "One"}),
        ("text", '<p><a href="https://example.net/">There</a> and <a href="#two">below</a>.</p>'),
        ("picture", {"picture": make_picture(), "alt": "A field", "caption": ""}),
        ("heading", {"text": "Two"}),
        ("documents", {"heading": "Papers", "documents": [make_note(collection=folder)]}),
    ]
    post = whole_post(body)
    assert said(desk, post) == []
    assert "Before you publish" not in desk.get(edit_address(post)).content.decode()


def test_new_post_has_no_remarks_before_it_is_saved(desk):
    assert "Before you publish" not in desk.get(add_address()).content.decode()


def test_post_without_standfirst_cover_and_topic(desk):
    assert said(desk, make_post("Bare", standfirst=" ")) == [
        "The post has no standfirst, so that lists and the feed show nothing but its title.",
        "The post has no cover, so that lists show no picture, nor the front page when it leads with this post.",
        "The post has no topic, so that no list of a topic shows it.",
    ]


def test_cover_without_alternative_text(desk):
    assert said(desk, whole_post([], cover_alt=" ")) == ["The cover has no alternative text. " + UNSEEN]


def test_pictures_without_alternative_text(desk):
    described = make_picture()
    described.description = "A wet field"
    described.save()
    body = [
        ("picture", {"picture": described, "alt": " ", "caption": "A caption is no alternative"}),
        ("gallery", {"pictures": [
            {"picture": make_picture(), "alt": "Seen", "caption": ""},
            {"picture": make_picture(), "alt": "", "caption": ""},
        ]}),
    ]  # fmt: skip
    assert said(desk, whole_post(body)) == [
        "The picture in block 1 has no alternative text. The picture's own description is “A wet field”.",
        "Picture 2 of the gallery in block 2 has no alternative text. " + UNSEEN,
    ]


def test_headings_that_are_empty_or_repeated(desk):
    body = [("heading", {"text": text}) for text in ("Rain", "  ", "Snow", "rain ")]
    assert said(desk, whole_post(body)) == [
        "The heading in block 2 is empty.",
        "The heading “rain” in block 4 is in the post already.",
    ]


def test_links_that_lead_nowhere(desk, folder):
    home, draft = HomePage.objects.get(), StandardPage(title="Draft", slug="draft", live=False)
    home.add_child(instance=draft)
    open_paper, later = make_note(collection=folder), make_note(publish_at=timezone.now() + datetime.timedelta(days=1))
    text = (
        f'<p><a linktype="page" id="{home.pk}">home</a> <a linktype="page" id="{draft.pk}">draft</a> '
        f'<a linktype="page" id="99999">gone</a> '
        f'<a linktype="document" id="{open_paper.pk}">paper</a> <a linktype="document" id="{later.pk}">later</a> '
        '<a linktype="document" id="99999">no paper</a> <a href="#">top</a> <a href="">none</a> '
        '<a href="mailto:a@example.net">mail</a> <a href="www.example.net"><b>bold</b> &amp; bare</a></p>'
    )
    body = [
        ("text", text),
        ("callout", {"heading": "", "text": '<p><a href="#nowhere">off</a></p>'}),
        ("button", {"label": "On", "page": draft, "address": ""}),
        ("button", {"label": "Off", "page": None, "address": ""}),
        ("link_card", {"address": "https://", "title": "A film", "description": ""}),
    ]
    unpublished, closed = "a page that is gone or not published.", "a paper that not every member can open."
    assert said(desk, whole_post(body)) == [
        f"The link “draft” in block 1 leads to {unpublished}",
        f"The link “gone” in block 1 leads to {unpublished}",
        f"The link “later” in block 1 leads to {closed}",
        f"The link “no paper” in block 1 leads to {closed}",
        "The link “top” in block 1 leads nowhere: its address is “#”.",
        "The link “none” in block 1 leads nowhere: its address is “”.",
        "The link “bold & bare” in block 1 leads nowhere: its address is “www.example.net”.",
        "The link “off” in block 2 leads nowhere: its address is “#nowhere”.",
        f"The link “On” in block 3 leads to {unpublished}",
        "The link “Off” in block 4 leads nowhere: its address is “”.",
        "The link “A film” in block 5 leads nowhere: its address is “https://”.",
    ]


@pytest.mark.parametrize(("address", "expected"), [
    ("https://example.net/x", True), ("HTTP://EXAMPLE.NET", True), ("//example.net/x", True), ("/news/", True),
    ("mailto:a@b", True), ("tel:+44 20", True), ("#here", True),
    ("", False), (" ", False), ("#", False), ("#there", False), ("?", False), ("https://", False), ("http:/x", False),
    ("mailto:", False), ("tel:", False), ("javascript:alert(1)", False), ("www.example.net", False),
    ("https://[::1", False), ("data:text/html,x", False),
])  # fmt: skip
def test_address_leads_somewhere_or_not(address, expected):
    assert leads_somewhere(address, {"here"}) is expected


def papers_of_each_sort(folder: Any) -> dict[str, Any]:
    return {
        "green": make_note(f"Green {MARKER}", collection=folder),
        "amber": make_paper(f"Amber {MARKER}", collection=folder, marking="TLP:AMBER"),
        "embargoed": make_note(f"Embargoed {MARKER}", collection=folder,
                               publish_at=datetime.datetime(2031, 5, 1, 8, tzinfo=datetime.UTC)),
        "withdrawn": make_note(f"Withdrawn {MARKER}", collection=folder, withdrawn_at=timezone.now()),
        "committee": make_note(f"Committee {MARKER}", collection=make_folder(groups=("Committee",))),
    }  # fmt: skip


def documents(papers: dict[str, Any]) -> tuple[str, Any]:
    return "documents", {"heading": "Papers", "documents": list(papers.values())}


RESTRICTED = (
    f"Papers in block 1: “Amber {MARKER}” is marked TLP:AMBER: visitors read only that there is a restricted paper."
)
NOT_OUT = [
    f"Papers in block 1: “Embargoed {MARKER}” does not appear to readers: not published until 1 May 2031, 09:00.",
    f"Papers in block 1: “Withdrawn {MARKER}” does not appear to readers: it is withdrawn.",
]
HIDDEN = "Papers in block 1: a paper stands there that you may not see: ask somebody who may whether it belongs there."


def test_papers_that_readers_do_not_get_are_named_to_an_editor_who_may_see_them(desk, signed_in, folder):
    post = whole_post([documents(papers_of_each_sort(folder))])
    assert said(desk, post) == [RESTRICTED, *NOT_OUT, HIDDEN]
    narrower = "lies in a folder that not every member may enter: to others it does not appear."
    assert said(signed_in(make_administrator()), post) == [
        RESTRICTED, *NOT_OUT, f"Papers in block 1: “Committee {MARKER}” {narrower}",
    ]  # fmt: skip


def test_editor_without_rights_to_papers_reads_no_title_and_no_reason(signed_in, folder):
    papers = papers_of_each_sort(folder)
    del papers["green"]
    post = whole_post([documents(papers)])
    client = signed_in(may_edit_posts(make_editor_of(make_folder("Another"))))
    client_user = User.objects.get(pk=client.session["_auth_user_id"])
    client_user.membership.delete()
    assert said(client, post) == [
        "Papers in block 1: a restricted paper stands there: visitors read only that there is one.",
        *[HIDDEN] * 3,
    ]
    assert MARKER not in client.get(edit_address(post)).content.decode()


def test_restricted_papers_of_the_members_part_are_no_matter(signed_in, folder):
    papers = papers_of_each_sort(folder)
    post = whole_post([("members_only", None), documents(papers)])
    expected = [sentence.replace("block 1", "block 2") for sentence in NOT_OUT]
    assert said(signed_in(make_administrator()), post) == expected


def test_deleted_paper_is_missed(desk, folder):
    paper = make_note(collection=folder)
    post = whole_post([("documents", {"heading": "Papers", "documents": [paper]})])
    paper.delete()
    assert said(desk, post) == ["The list of papers in block 1 holds one that has been deleted."]


def test_remark_leads_to_its_block(desk):
    post = whole_post([("heading", {"text": "Rain"}), ("heading", {"text": "Rain"})])
    post = NewsPage.objects.get(pk=post.pk)
    (link,) = soup_of(desk, edit_address(post)).select(".remarks a")
    assert link["href"] == f"#block-{post.body[1].id}-section"


# --- After saving -----------------------------------------------------------------------------------------------
def told(response: Any) -> list[str]:
    """What the answer to a form leaves to be said; the browser then fetches the page that says it."""
    response.client.get("/admin/")
    return [str(each).strip() for each in get_messages(response.wsgi_request) if each.level_tag == "warning"]


def bare(**changes: Any) -> dict[str, Any]:
    blocks = [("text", rich_text('<p><a href="https://example.net/">x</a></p>', features=["link"]))]
    return fields(blocks=blocks, **changes)


def test_saving_a_draft_says_how_many_remarks_stand_at_the_head_of_the_form(desk):
    response = desk.post(add_address(), bare())
    post = saved(response)
    assert told(response) == ["2 things to look at before you publish: see the head of this form."]
    topic = Topic.objects.create(name="Rain", slug="rain")
    response = desk.post(edit_address(post), bare(topics=str(topic.pk)))
    assert told(response) == ["One thing to look at before you publish: see the head of this form."]
    response = desk.post(edit_address(post), bare(topics=str(topic.pk), cover=str(make_picture().pk), cover_alt="Rain"))
    assert told(response) == []


@pytest.mark.parametrize("action", ["action-publish", "action-submit"])
def test_publishing_and_submitting_say_each_remark_and_happen_all_the_same(signed_in, action):
    response = signed_in(make_administrator()).post(add_address(), bare() | {action: "1"})
    post = saved(response)
    assert post.live == (action == "action-publish")
    assert told(response) == [
        "The post has no cover, so that lists show no picture, nor the front page when it leads with this post.",
        "The post has no topic, so that no list of a topic shows it.",
    ]


def test_saving_by_itself_says_nothing(desk):
    response = desk.post(add_address(), bare(), headers={"accept": "application/json"})
    assert response.json()["success"] is True
    assert told(response) == []


def test_words_of_a_remark_are_no_markup(signed_in):
    blocks = [("heading", {"text": "<b>x</b>"})] * 2
    client = signed_in(make_administrator())
    response = client.post(add_address(), fields(blocks=blocks) | {"action-publish": "1"}, follow=True)
    page = response.content.decode()
    assert "&lt;b&gt;x&lt;/b&gt;” in block 2" in page
    assert "<b>x</b>” in block 2" not in page


def test_half_written_draft_can_be_saved_and_opened(desk):
    blocks = [
        ("heading", {"text": ""}), ("picture", {"picture": "", "alt": "", "caption": ""}),
        ("gallery", {"pictures": listed([])}), ("link_card", {"address": "", "title": "", "description": ""}),
        ("button", {"label": "", "page": "", "address": ""}),
        ("documents", {"heading": "", "documents": listed([""])}),
    ]  # fmt: skip
    response = desk.post(add_address(), fields(standfirst="", blocks=blocks))
    if response.status_code == 302:
        assert soup_of(desk, edit_address(saved(response))).select(".remarks li")
    else:
        assert response.status_code == 200


def test_remarks_ask_the_same_for_one_paper_and_ten(editor, folder, django_assert_num_queries):
    for count in (1, 10):
        papers = {str(number): make_note(collection=folder) for number in range(count)}
        links = "".join(f'<a linktype="page" id="{number}">x</a>' for number in range(1, count + 1))
        post = NewsPage.objects.get(pk=whole_post([documents(papers), ("text", f"<p>{links}</p>")]).pk)
        list(post.body)
        reader = User.objects.get(pk=editor.pk)
        with django_assert_num_queries(6):
            remarks(post, reader)
