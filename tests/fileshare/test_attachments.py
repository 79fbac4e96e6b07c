"""What a post may say of the papers beside it (POLICY, Markings)."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from fileshare.attachments import attachments
from fileshare.models import SharedDocument
from tests.factories import make_folder, make_member, make_paper, make_post

pytestmark = pytest.mark.django_db
VISITOR = AnonymousUser()
TITLE = "Zanzibar report"


def paper_marked(marking, **fields):
    paper = make_paper(TITLE, content=b"x", file_name="zanzibar.txt", description="Zanzibar description", **fields)
    SharedDocument.objects.filter(pk=paper.pk).update(marking=marking)
    return paper


def shown(user, paper):
    found = attachments(user, [paper.pk]).get(paper.pk)
    return found and (found.title, found.readable, found.reason)


@pytest.mark.parametrize(
    ("marking", "title"),
    [
        ("TLP:CLEAR", TITLE),
        ("TLP:GREEN", TITLE),
        ("TLP:AMBER", "A restricted paper"),
        ("TLP:AMBER+STRICT", "A restricted paper"),
        ("TLP:RED", "A restricted paper"),
    ],
)
def test_public_sees_a_title_for_clear_and_green_alone(client, marking, title):
    paper = paper_marked(marking)
    assert shown(VISITOR, paper) == (title, False, "visitor")
    assert shown(make_member(standing="lapsed"), paper) == (title, False, "standing")
    found = attachments(VISITOR, [paper.pk])[paper.pk]
    assert found.restricted == (title != TITLE)
    assert (found.paper is None) == (title != TITLE)
    post = make_post(body=[("documents", {"heading": "Papers", "documents": [paper]})])
    body = client.get(post.url).content.decode()
    assert ("Zanzibar" in body) == (title == TITLE)
    if title != TITLE:
        assert str(paper.uuid) not in body
        assert "zanzibar" not in body.lower()


@pytest.mark.parametrize("marking", ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT"])
def test_member_reads_what_is_attached(marking):
    assert shown(make_member(), paper_marked(marking)) == (TITLE, True, "")


def test_red_paper_is_known_by_title_to_its_recipients_alone():
    named = make_member()
    paper = paper_marked("TLP:RED", recipients=(named,))
    assert shown(named, paper) == (TITLE, True, "")
    assert shown(make_member(), paper) == ("A restricted paper", False, "standing")


HOUR = datetime.timedelta(hours=1)


@pytest.mark.parametrize(
    "fields",
    [
        {"publish_at": timezone.now() + 1000 * HOUR},
        {"expires_at": timezone.now() - HOUR},
        {"withdrawn_at": timezone.now()},
        {"inspected": False},
        {"groups": ("Committee",)},
    ],
    ids=["embargoed", "expired", "withdrawn", "waiting", "closed folder"],
)
def test_paper_that_is_not_out_does_not_exist_on_a_post(client, fields, signed_in):
    fields = dict(fields)
    folder = make_folder(groups=fields.pop("groups", ()))
    paper = paper_marked("TLP:CLEAR", collection=folder, **fields)
    for user in (VISITOR, make_member(), make_member(standing="lapsed")):
        assert attachments(user, [paper.pk]) == {}
    post = make_post(body=[("documents", {"heading": "Papers", "documents": [paper]})])
    for who in (client, signed_in(make_member())):
        body = who.get(post.url).content.decode()
        assert "zanzibar" not in body.lower()
        assert str(paper.uuid) not in body
        assert "restricted paper" not in body


def test_attachments_keep_their_numbers_and_ignore_unknown_ones():
    first, second = paper_marked("TLP:GREEN"), paper_marked("TLP:AMBER")
    found = attachments(VISITOR, [second.pk, first.pk, 999_999])
    assert set(found) == {first.pk, second.pk}


def test_attachments_take_as_many_queries_for_one_as_for_twenty(django_assert_num_queries):
    papers = [paper_marked(marking).pk for marking in ("TLP:GREEN", "TLP:AMBER") for _ in range(10)]
    member = make_member()
    list(SharedDocument.objects.visible_to(member))  # the person's permissions are asked for once in a request
    with django_assert_num_queries(0):
        assert attachments(VISITOR, []) == {}
    for some in (papers[:1], papers):
        with django_assert_num_queries(1):
            found = attachments(VISITOR, some)
            assert all(each.paper is None or each.paper.kind_label for each in found.values())
        with django_assert_num_queries(1):
            assert len(attachments(member, some)) == len(some)
        with django_assert_num_queries(2):
            attachments(member, [*some, 999_999])


def test_link_in_a_text_leads_to_the_paper_s_page_and_names_nothing(client):
    paper = paper_marked("TLP:AMBER")
    post = make_post(body=[("text", f'<p>See <a linktype="document" id="{paper.pk}">this paper</a>.</p>')])
    body = client.get(post.url).content.decode()
    assert f'href="/files/document/{paper.uuid}/"' in body
    assert "zanzibar" not in body.lower()
