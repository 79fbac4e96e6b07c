"""Where a paper is used, in the administration: named as far as the editor may change it."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.auth.models import Permission
from wagtail.models import GroupPagePermission, ReferenceIndex

from fileshare.models import DocumentVersion, SharedDocument
from portal.models import NewsIndexPage
from tests.factories import add_version, make_administrator, make_editor_of, make_folder, make_paper, make_post

pytestmark = pytest.mark.django_db


def words(response):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def post_with(title, paper, **fields):
    post = make_post(title, body=[("documents", {"heading": "", "documents": [paper]})], **fields)
    ReferenceIndex.create_or_update_for_object(post)


@pytest.fixture
def paper():
    made = make_paper("The paper", collection=make_folder("Guidance"), content=b"x", file_name="a.txt")
    add_version(made, b"y", file_name="a.txt")
    for version in DocumentVersion.objects.all():
        if ReferenceIndex.model_is_indexable(DocumentVersion):
            ReferenceIndex.create_or_update_for_object(version)
    return made


def let_change_news(user):
    permission = Permission.objects.get(codename="change_page")
    GroupPagePermission.objects.create(group=user.groups.get(), page=NewsIndexPage.objects.get(), permission=permission)


def test_uses_are_named_to_who_may_change_them_and_counted_for_others(paper, signed_in):
    post_with("The <em>attached</em>", paper)
    post_with("Draft of Zanzibar", paper, live=False)
    editor, author = make_editor_of(paper.collection), make_editor_of(paper.collection)
    let_change_news(author)
    address = f"/admin/documents/usage/{paper.pk}/"
    for user, named, told in (
        (editor, False, "It is used in 2 more places that you may not change."),
        (author, True, "These show the paper or lead to it."),
        (make_administrator(), True, "These show the paper or lead to it."),
    ):
        client = signed_in(user)
        page = words(client.get(address))
        assert told in page
        assert ("more place" in page) is not named
        assert ("The <em>attached</em>" in page, "Zanzibar" in page) == (named, named)
        assert "Private" not in page
        assert ("Nothing that you may change uses it." in page) is not named
        asked = words(client.get(f"/admin/documents/delete/{paper.pk}/"))
        assert ("The <em>attached</em> Draft of Zanzibar" in asked) is named
        assert ("2 places that you may not change" in asked) is not named
        assert "This paper is in use." in asked
        assert "All its versions go with it and cannot be brought back" in asked
        for place in ("/admin/documents/", f"/admin/documents/edit/{paper.pk}/"):
            shown = client.get(place).content.decode()
            assert re.search(rf'href="{address}">\s*Used 2 times', shown)
    assert signed_in(author).post(f"/admin/documents/delete/{paper.pk}/").status_code == 302
    assert not SharedDocument.objects.exists()


def test_paper_that_nothing_uses_says_so(paper, signed_in):
    """Its own versions are no uses."""
    client = signed_in(make_editor_of(paper.collection))
    assert "Nothing on this site uses it." in words(client.get(f"/admin/documents/usage/{paper.pk}/"))
    assert "Nothing on this site uses it." in words(client.get(f"/admin/documents/delete/{paper.pk}/"))
    assert "Used 0 times" in words(client.get("/admin/documents/"))
