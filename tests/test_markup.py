"""That the check of pages finds what it should, and the pages which no walk over the site comes to."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django import forms
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from portal.models import NewsPage, Topic
from portal.notifications import announcing, links
from tests.factories import make_member, make_post, make_user
from tests.markup import faults
from tests.portal.test_storages import make_picture

PAGE = "<!doctype html><html lang=en><title>T</title><main><h1>H</h1>{}</main></html>"


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ("<p>One<div>Two</div></p>", "line 1: unexpected-end-tag {'name': 'p'}"),
        ("<section>", "line 1: end-tag-too-early .*"),
        ("<b><i>Text</b></i>", "line 1: adoption-agency-1.3 .*"),
        ("<p class=a class=b></p>", "line 1: duplicate-attribute .*"),
        ("<table><p>Text</p></table>", "line 1: unexpected-start-tag-implies-table-voodoo .*"),
        ("<p id=a></p><p id=a></p>", "id a stands 2 times"),
        ("<p id='a b'></p>", "<p> with a blank in an address or a name"),
        ("<span><div></div></span>", "<div> in <span>"),
        ("<ul><p></p></ul>", "<p> in <ul>"),
        ("<div><li></li></div>", "<li> in <div>"),
        ("<a href=/><button type=button></button></a>", "<button> within <a>, <button> or <summary>"),
        ("<p align=left></p>", "<p> with align"),
        ("<font></font>", "<font> is not in the list of known elements"),
        ("<img src=a width=1 height=1>", "<img> without alt"),
        ("<img src=a alt='' width=1>", "<img> without height"),
        ("<button>Go</button>", "<button> without type"),
        ("<time datetime='2026-11-18T23:38:49.162412+00:00'></time>", "<time> with datetime .*"),
        ("<label for=nobody></label>", "<label> refers to nobody, which is not there"),
        ("<p aria-describedby='one'></p>", "<p> refers to one, which is not there"),
        ("<a href='#gone'></a>", "<a> refers to gone, which is not there"),
        ("<input name=a>", "<input> a without a label"),
        ("<h3></h3>", "a heading of level 3 after one of level 1"),
        ("<nav aria-label=A></nav><nav aria-label=A></nav>", "two of <nav> that have one name, or one without: A, A"),
        ("<nav></nav>", "two of <nav> that have one name, or one without: "),
        ("<h1></h1>", "2 headings of the first level"),
    ],
)
def test_each_fault_is_found(markup, fault):
    found = faults(PAGE.format(markup))
    assert any(re.fullmatch(fault, each) for each in found), found


def test_good_page_has_no_faults():
    good = "<label>Name <input name=a></label><ul id=b><li><a href='#b'>Up</a></ul><svg viewBox='0 0 1 1'></svg>"
    assert faults(PAGE.format(good)) == []


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429", "500", "503"])
def test_error_page(name):
    assert faults(render_to_string(f"{name}.html", {})) == []


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "status"), [("/nothing/", 404), ("/admin/", 403), ("/files/nothing/", 404)])
def test_refusal_to_a_person(signed_in, address, status):
    for person in (make_member(), make_user()):
        response = signed_in(person).get(address)
        assert (response.status_code, faults(response.content.decode())) == (status, [])


@pytest.mark.django_db
def test_form_that_comes_back_with_messages():
    for address in ("/account/login/", "/account/password/reset/"):
        response = Client().post(address, {"login": "nobody", "email": "nobody"})
        assert response.status_code == 200
        assert b"aria-invalid" in response.content
        assert faults(response.content.decode()) == []


@pytest.mark.django_db
def test_post_with_every_block():
    picture = {"picture": make_picture(size=(90, 60)), "alt": "", "caption": "A gate"}
    table = {"data": [["a"], ["b"]], "first_row_is_table_header": True, "first_col_is_header": False}
    body = [
        ("heading", {"text": "Part"}),
        ("heading", {"text": "Part"}),
        ("quote", {"text": "Words\n\nand more", "attribution": "Somebody"}),
        ("picture", picture),
        ("gallery", {"pictures": [picture, picture]}),
        ("table", table),
        ("callout", {"heading": "Mind", "text": "<p>The <b>step</b>.</p><ul><li>Twice</li></ul>"}),
        ("link_card", {"address": "https://films.example.net/", "title": "A film", "description": "On rain."}),
        ("button", {"label": "There", "page": None, "address": "https://example.net/"}),
        ("attribution", {"text": "Theirs"}),
    ]
    response = Client().get(make_post(body=body).url)
    assert (response.status_code, faults(response.content.decode())) == (200, [])


@pytest.mark.django_db
def test_pages_about_mail(signed_in, client):
    user = make_member()
    announcing.announce_post(make_post(published_at=timezone.now()))
    Topic.objects.create(name="Events", slug="events")
    own, in_mails = signed_in(user), (links.choose_address(user), links.stop_address(user))
    public = ["/mail/", "/mail/stop/x/", *(each.removeprefix(settings.BASE_URL) for each in in_mails)]
    asking = [*((client, each) for each in public), (own, "/members/mail/"), (own, "/members/news/")]
    for asked, address in asking:
        assert faults(asked.get(address).content.decode()) == [], address
    assert faults(own.post("/members/mail/").content.decode()) == []


def _forms(base: type[forms.BaseForm] = forms.BaseForm) -> Iterator[type[forms.BaseForm]]:
    for each in base.__subclasses__():
        yield from _forms(each)
        if each.__module__.split(".")[0] in ("fileshare", "members", "portal"):
            yield each


def test_nothing_long_that_is_pasted_is_cut_off():
    """Browsers drop what is beyond `maxlength` without a word: too long is for the site to say."""
    written = {
        (form.__qualname__, name): field.widget.attrs.get("maxlength")
        for form in _forms()
        for name, field in form.base_fields.items()
        if isinstance(field.widget, forms.Textarea)
    }
    standfirst = NewsPage.get_edit_handler().get_form_class().base_fields["standfirst"].widget
    assert "maxlength" not in standfirst.render("standfirst", "", {})
    assert len(written) > 10
    assert {name: most for name, most in written.items() if most} == {}
