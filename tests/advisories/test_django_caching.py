"""Django's advisories of 2026 about kept pages. The site keeps pages itself (portal/page_cache.py), and must not fall
into the same holes. docs/security.md has the list."""

from __future__ import annotations

import itertools

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from portal.page_cache import PageCache, public_view
from tests.factories import make_member
from tests.portal import visiting
from tests.portal.visiting import Visitor

pytestmark = pytest.mark.django_db
look_each_time, visitor = visiting.look_each_time, visiting.visitor
NUMBER = itertools.count(1)
HEADERS = {
    "plain": {},
    "private": {"Cache-Control": "Private"},
    "no-store": {"Cache-Control": "max-age=60, NO-STORE"},
    "private field": {"Cache-Control": 'PRIVATE="x-name"'},
    "star": {"Vary": "*"},
    "star-among-others": {"Vary": "Cookie, *"},
    "padded-star": {"Vary": " * "},
    "padded-star-among-others": {"Vary": "Cookie,\t*  "},
    "cookie": {"Set-Cookie": "token=heliotrope"},
}


@login_not_required
@public_view
def tell(request: HttpRequest, kind: str) -> HttpResponse:
    """A public answer, another one each time, with headers that may contradict it."""
    return HttpResponse(f"Answer {next(NUMBER)}.", headers=HEADERS[kind])


urlpatterns = [path("tell/<str:kind>/", tell), path("", include("portal.urls"))]


@pytest.fixture
def teller(settings) -> Visitor:
    settings.ROOT_URLCONF = __name__
    visitor = Visitor()
    visitor.site = PageCache(WSGIHandler())
    return visitor


def is_kept(teller: Visitor, kind: str, **environ: str) -> bool:
    """Whether a second person gets the first one's answer."""
    first, second = (teller.get(f"/tell/{kind}/", **given) for given in (environ, {}))
    assert first.text.startswith("Answer ")
    assert second.text.startswith("Answer ")
    return first.text == second.text


def test_plain_public_answer_is_kept(teller):
    """Or the others of this page would prove nothing."""
    assert is_kept(teller, "plain")


@pytest.mark.parametrize("kind", ["private", "no-store", "private field"])
def test_cve_2026_8404_private_answer_is_not_kept_however_the_word_is_written(teller, kind):
    """“Private” with a capital letter was taken for public."""
    assert not is_kept(teller, kind)
    assert "public" not in teller.get(f"/tell/{kind}/").headers["cache-control"]


@pytest.mark.parametrize("kind", ["star", "star-among-others"])
def test_cve_2026_6907_answer_that_differs_by_anything_is_not_kept(teller, kind):
    """`Vary: *` says that no other request may have the answer."""
    assert not is_kept(teller, kind)


@pytest.mark.parametrize("kind", ["padded-star", "padded-star-among-others"])
def test_cve_2026_48587_blanks_around_the_star_change_nothing(teller, kind):
    assert not is_kept(teller, kind)


def test_cve_2026_35193_answer_to_a_request_with_credentials_is_not_kept(teller):
    """Whoever came next without them had what was meant for their holder."""
    assert not is_kept(teller, "plain", HTTP_AUTHORIZATION="Basic aGVsaW86dHJvcGU=")


@pytest.mark.parametrize("cookie", ["", "theme=dark"])
def test_cve_2026_48588_answer_that_sets_a_cookie_is_not_kept(teller, cookie):
    """An unrelated cookie in the request switched the care off."""
    environ = {"HTTP_COOKIE": cookie} if cookie else {}
    first, second = teller.get("/tell/cookie/", **environ), teller.get("/tell/cookie/", HTTP_COOKIE="theme=light")
    assert first.text != second.text


def test_cve_2026_35192_session_of_one_reader_is_given_to_no_other(settings, signed_in, visitor):
    """With sessions saved at each request, a kept page brought the first reader's session to the next."""
    assert settings.SESSION_SAVE_EVERY_REQUEST is False
    settings.SESSION_SAVE_EVERY_REQUEST = True
    member = signed_in(make_member())
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in member.cookies.items())
    for address in ("/robots.txt", "/news/feed/"):
        own = visitor.get(address, HTTP_COOKIE=cookies)
        assert settings.SESSION_COOKIE_NAME in own.headers["set-cookie"]
        assert own.headers["cache-control"] == "private, no-store"
        for _ in range(2):
            assert "set-cookie" not in visitor.get(address).headers


@pytest.mark.parametrize("address", ["/", "/news/", "/robots.txt"])
def test_cve_2026_113593_header_without_a_value_is_as_good_as_none(visitor, address):
    """A missing and an empty header had one place: here no public page differs by a header at all, but for packing."""
    answers = [
        visitor.get(address, **environ)
        for environ in ({}, {"HTTP_COOKIE": ""}, {"HTTP_ACCEPT_ENCODING": ""}, {"HTTP_ACCEPT_LANGUAGE": ""})
    ]
    assert {answer.headers["vary"] for answer in answers} == {"Cookie, Accept-Encoding"}
    assert {answer.body for answer in answers} == {answers[0].body}
    assert not [answer for answer in answers if "content-encoding" in answer.headers]
