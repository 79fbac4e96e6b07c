"""A post's editor learns of no paper that the file share would not show: not by its number, and not from a
colleague's work."""

from __future__ import annotations

import datetime
import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from wagtail.models import GroupPagePermission

from fileshare.wagtail_links import NOT_FOR_YOU, NOT_TO_BE_CHOSEN
from portal.models import HomePage, NewsPage
from tests.factories import make_administrator, make_editor_of, make_folder, make_paper, make_post
from tests.portal.test_editor import edit_address, fields, listed

pytestmark = pytest.mark.django_db
TITLE = "Zanzibar report"
UNKNOWN = ("999999", "0", "-1", "abc", "9" * 19, "9" * 5000, "1:x")


@pytest.fixture
def own():
    return make_paper("Own paper", collection=make_folder("Guidance"))


@pytest.fixture
def hidden():
    later = timezone.now() + datetime.timedelta(days=9)
    return make_paper(TITLE, collection=make_folder("Closed", groups=("Board",)), publish_at=later)


@pytest.fixture
def desk(own, signed_in):
    """An editor of posts, and of the papers of one folder."""
    user = make_editor_of(own.collection)
    for codename in ("add_page", "change_page"):
        permission = Permission.objects.get(codename=codename, content_type__app_label="wagtailcore")
        GroupPagePermission.objects.create(
            group=user.groups.get(), page=HomePage.objects.get().page_ptr, permission=permission
        )
    return signed_in(user)


@pytest.fixture
def post():
    made = make_post("What we learned", slug="what-we-learned")
    made.save_revision()
    return made


def save(client: Any, post: NewsPage, *papers: object, standfirst: str = "In two sentences.") -> Any:
    blocks = [("documents", {"heading": "Papers", "documents": listed([str(each) for each in papers])})]
    return client.post(edit_address(post), fields(blocks=blocks, standfirst=standfirst))


def newest(post: NewsPage) -> NewsPage:
    return NewsPage.objects.get(pk=post.pk).get_latest_revision_as_object()


def attached(post: NewsPage) -> list[int]:
    return [paper.pk for block in newest(post).body for paper in block.value["documents"]]


def compare(client: Any, post: NewsPage) -> str:
    return html.unescape(client.get(f"/admin/pages/{post.pk}/revisions/compare/earliest...latest/").content.decode())


def colleague_attaches(signed_in: Any, post: NewsPage, *papers: Any) -> None:
    assert save(signed_in(make_administrator()), post, *(paper.pk for paper in papers)).status_code == 302


def ids_in_form(page: str) -> list[str]:
    """What the form keeps for each paper, as the browser's script reads it."""
    return re.findall(r'"value": \{"id": "?([^",]+)"?, "edit_url"', page)


def test_a_guessed_number_is_refused_like_one_that_is_not_there(desk, post, own, hidden):
    answers = []
    for number in (hidden.pk, *UNKNOWN):
        answer = save(desk, post, own.pk, number, standfirst="Words that stay.")
        page = html.unescape(answer.content.decode())
        assert answer.status_code == 200
        assert NOT_TO_BE_CHOSEN in page
        assert "Words that stay." in page
        assert "Own paper" in page
        assert "Zanzibar" not in page
        answers.append(page.count(NOT_TO_BE_CHOSEN))
    assert len(set(answers)) == 1
    assert list(newest(post).body) == []
    assert "Zanzibar" not in compare(desk, post)


def test_comparison_names_only_papers_that_the_editor_knows(desk, post, own, hidden, signed_in):
    colleague_attaches(signed_in, post, own, hidden)
    page = compare(desk, post)
    assert "Zanzibar" not in page
    assert str(hidden.uuid) not in page
    assert page.count(NOT_FOR_YOU) == 1
    assert "Own paper" in page
    assert TITLE in compare(signed_in(make_administrator()), post)


def test_a_colleagues_paper_stays_in_the_post_without_its_name(desk, post, own, hidden, signed_in):
    colleague_attaches(signed_in, post, own, hidden)
    page = html.unescape(desk.get(edit_address(post)).content.decode())
    assert "Zanzibar" not in page
    first, second = ids_in_form(page)
    assert first == str(own.pk)
    assert second != str(hidden.pk)
    assert save(desk, post, first, second, standfirst="New words.").status_code == 302
    assert attached(post) == [own.pk, hidden.pk]
    assert newest(post).standfirst == "New words."


def test_what_one_editor_keeps_serves_no_other(desk, post, own, hidden, signed_in):
    colleague_attaches(signed_in, post, hidden)
    (kept,) = ids_in_form(html.unescape(desk.get(edit_address(post)).content.decode()))
    other = make_editor_of(own.collection)
    other.groups.set(desk.get("/admin/").wsgi_request.user.groups.all())
    assert NOT_TO_BE_CHOSEN in html.unescape(save(signed_in(other), post, kept).content.decode())
    assert NOT_TO_BE_CHOSEN in html.unescape(save(desk, post, f"{own.pk}:{kept.partition(':')[2]}").content.decode())
    assert attached(post) == [hidden.pk]


def test_editor_attaches_own_papers(desk, post, own):
    assert save(desk, post, own.pk).status_code == 302
    assert attached(post) == [own.pk]
