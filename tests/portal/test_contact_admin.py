"""The contact page in the administration: its fields, and the messages that came."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupPagePermission
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from members.enums import Action
from members.models import AccessRecord
from portal.models import ContactPage, NewsIndexPage
from portal.services import roles
from tests.factories import make_administrator, make_member, make_user
from tests.portal.contacting import make_contact_page, send
from tests.portal.reading import set_site, soup_of, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def contact(db) -> ContactPage:
    set_site(organisation_name="Safe Places", contact_email="office@example.org")
    return make_contact_page()


def in_admin(*fields: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What the editor's form sends."""
    usual = {
        "title": "Contact",
        "slug": "contact",
        "introduction": "",
        "receivers": "",
        "thank_you_text": "Thanks.",
        "body": streamfield([]),
        "form_fields": inline_formset(list(fields)),
        "comments": inline_formset([]),
        "action-publish": "yes",
    }
    return nested_form_data(usual | changes)


def save(signed_in, contact: ContactPage, *fields: dict[str, Any], **changes: Any) -> Any:
    client = signed_in(make_administrator())
    return client.post(f"/admin/pages/{contact.pk}/edit/", in_admin(*fields, **changes))


def test_editor_arranges_the_fields(client, signed_in, contact):
    line = {"label": "Your post code", "field_type": "singleline", "required": "on"}
    answer = save(signed_in, contact, line, receivers="One@example.org\r\ntwo@example.org\r\n")
    assert answer.status_code == 302, words_of(BeautifulSoup(answer.content, "html.parser"))
    assert ContactPage.objects.get().addresses == ["One@example.org", "two@example.org"]
    assert soup_of(client, "/contact/").select_one("[name=your_post_code]")


@pytest.mark.parametrize(("field", "changes", "sentence"), [
    ({"field_type": "radio"}, {}, "Please write what there is to choose from, one a line."),
    ({"label": "???"}, {}, "Please name this field otherwise, with letters or digits."),
    ({"label": "Submit time"}, {}, "Please name this field otherwise, with letters or digits."),
    ({}, {"receivers": "one@example.org\nnonsense"}, "“nonsense” is no e-mail address."),
    ({}, {"receivers": "\n".join(f"a{n}@example.org" for n in range(11))}, "Please name no more than 10 addresses."),
])  # fmt: skip
def test_page_that_cannot_work_is_not_published(signed_in, contact, field, changes, sentence):
    answer = save(signed_in, contact, {"label": "Name", "field_type": "singleline"} | field, **changes)
    assert answer.status_code == 200
    assert sentence in words_of(BeautifulSoup(answer.content, "html.parser"))
    assert contact.form_fields.count() == 8


def test_messages_are_listed_and_exported_as_inert_text(client, signed_in, contact):
    contact.form_fields.filter(label="Subject").update(label="=Subject")
    send(client, your_name='=HYPERLINK("https://evil.example")', message="+1 or\r\n@SUM(1)")
    admin = signed_in(make_administrator())
    address = f"/admin/forms/submissions/{contact.pk}/"
    assert '=HYPERLINK("https://evil.example")' in words_of(soup_of(admin, address).main)
    sheet = admin.get(f"{address}?export=csv")
    heading, row = csv.reader(io.StringIO(b"".join(sheet.streaming_content).decode()))
    assert heading[:5] == ["Submission date", "Your name", "E-mail", "'=Subject", "Message"]
    assert row[1:5] == ['\'=HYPERLINK("https://evil.example")', "pat@example.org", "Training", "'+1 or\n@SUM(1)"]
    row = AccessRecord.objects.select_related("said").first()
    assert (row.action, row.object_kind, row.object_id, row.said.text) == (
        Action.MESSAGES_EXPORTED, "contact_page", str(contact.pk), "export=csv",
    )  # fmt: skip
    assert f"The page “{contact.title}” ({contact.pk})" in admin.get("/admin/access-record/").content.decode()
    nothing = admin.get(f"{address}?export=csv&date_from=nonsense")
    assert nothing["Content-Type"].startswith("text/html")
    assert "pat@example.org" not in nothing.content.decode()


def test_messages_are_for_those_who_may_change_the_page(client, signed_in, contact):
    send(client)
    group = Group.objects.create(name="Editors of the news")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    change = Permission.objects.get(codename="change_page")
    GroupPagePermission.objects.create(group=group, page=NewsIndexPage.objects.get().page_ptr, permission=change)
    elsewhere, editor = make_user(groups=(group.name,)), make_user(groups=(roles.EDITORS,))
    for person in (elsewhere, make_user(groups=(roles.SECRETARIES,)), make_user(groups=(roles.AUDITORS,))):
        staff = signed_in(person)
        for address in ("", "results/", "?export=csv", "delete/?selected-submissions=1"):
            answer = staff.get(f"/admin/forms/submissions/{contact.pk}/{address}")
            assert (answer.status_code, answer["Location"]) == (302, "/admin/")
        assert f"submissions/{contact.pk}/" not in staff.get("/admin/forms/").content.decode()
    assert "pat@example.org" in signed_in(editor).get(f"/admin/forms/submissions/{contact.pk}/").content.decode()
    assert signed_in(make_member()).get(f"/admin/forms/submissions/{contact.pk}/").status_code == 403
