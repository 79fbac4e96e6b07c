"""My downloads: the own rows of the record, with the titles that the policy lets the person read today."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from fileshare.models import SharedDocument
from members import audit
from members.enums import Action
from members.models import Membership
from tests.factories import make_folder, make_member, make_paper, make_user

pytestmark = pytest.mark.django_db
DOWNLOADS = "/members/downloads/"
GONE = "A paper that you may no longer read"


def paper(title, **fields):
    return make_paper(title, content=title.encode(), file_name="a.txt", **fields)


def rows(response):
    page = BeautifulSoup(response.content, "html.parser")
    return [each.td.get_text(" ", strip=True) for each in page.select("tbody tr")]


def downloaded(user, uuid, times=1):
    for _ in range(times):
        audit.record(Action.DOWNLOADED, actor=user, object_kind="document", object_id=uuid, version=1)


def test_own_downloads_are_listed_newest_first_and_nobody_else_s(signed_in):
    client, other = signed_in(make_member()), signed_in(make_member())
    first, second = paper("First"), paper("Second")
    for each in (first, second):
        b"".join(client.get(each.download_url).streaming_content)
    b"".join(other.get(first.download_url, headers={"range": "bytes=0-1"}).streaming_content)
    client.get(first.get_absolute_url())
    response = client.get(DOWNLOADS)
    assert rows(response) == ["Second version 1", "First version 1"]
    assert f'href="{second.get_absolute_url()}"' in response.content.decode()
    assert rows(other.get(DOWNLOADS)) == ["First version 1, part of the file"]


@pytest.mark.parametrize(
    "close",
    [
        lambda user, own: SharedDocument.objects.update(withdrawn_at=timezone.now()),
        lambda user, own: SharedDocument.objects.update(expires_at=timezone.now()),
        lambda user, own: SharedDocument.objects.update(marking="TLP:RED"),
        lambda user, own: SharedDocument.objects.update(collection=make_folder(groups=("Committee",))),
        lambda user, own: own.delete(),
        lambda user, own: Membership.objects.filter(user=user).update(decision="suspended"),
        lambda user, own: type(user).objects.filter(pk=user.pk).update(leaves_at=timezone.now()),
    ],
    ids=["withdrawn", "expired", "red", "folder", "deleted", "suspended", "leaving"],
)
def test_paper_that_is_closed_since_has_no_title_and_no_address(signed_in, close):
    user, own = make_member(), paper("Marker title")
    downloaded(user, own.uuid)
    client, uuid = signed_in(user), own.uuid
    assert rows(client.get(DOWNLOADS)) == ["Marker title version 1"]
    close(user, own)
    response = client.get(DOWNLOADS)
    assert rows(response) == [f"{GONE} version 1"]
    assert not {"Marker", str(uuid)} & set(response.content.decode().replace("/", " ").split())


def test_pages_are_turned_by_the_number_of_the_last_row(signed_in):
    user = make_member()
    downloaded(user, "00000000-0000-0000-0000-000000000001", 51)
    client = signed_in(user)
    first = client.get(DOWNLOADS)
    assert len(rows(first)) == 50
    older = BeautifulSoup(first.content, "html.parser").select_one("a[rel=next]")["href"]
    assert len(rows(client.get(f"{DOWNLOADS}{older}"))) == 1
    assert "Nothing earlier" in client.get(f"{DOWNLOADS}?before=1").content.decode()
    for nonsense in ("x", "", "-1", "99999999999999999999"):
        assert client.get(f"{DOWNLOADS}?before={nonsense}").status_code == 404


def test_who_has_downloaded_nothing_is_told_so(signed_in):
    assert "No downloads yet" in signed_in(make_user()).get(DOWNLOADS).content.decode()


@pytest.mark.parametrize("number", [1, 30])
def test_questions_do_not_grow_with_the_downloads(signed_in, django_assert_num_queries, number):
    user = make_member()
    for each in [paper(f"Paper {place}") for place in range(min(number, 3))]:
        downloaded(user, each.uuid, number // min(number, 3))
    client = signed_in(user)
    for _ in range(2):  # the first makes the site's settings, the second keeps them
        client.get(DOWNLOADS)
    with django_assert_num_queries(4):  # session, person, rows, papers
        assert len(rows(client.get(DOWNLOADS))) == number
