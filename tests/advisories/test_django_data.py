"""Django's advisories of 2025 and 2026 about questions to the database, files, mail and seals, those that can apply
here, each tried on this site. docs/security.md has the list."""

from __future__ import annotations

import ast
import os
import smtplib
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.core import signing
from django.core.files.base import ContentFile
from django.core.mail import get_connection
from django.db import models
from django.test import Client
from modelcluster.fields import ParentalKey
from wagtail.search import index as search_index

from fileshare.storage import PrivateFolderStorage
from members import devices, email_change, mail, robots
from members.enums import MailState
from members.models import OutgoingMail
from tests.factories import PASSWORD, make_administrator, make_editor_of, make_folder, make_member
from tests.portal.reading import MARKER, make_note

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
# Names of columns that the source makes while it runs, each from words that stand in the source. Whoever adds one looks
# whether anything of a request can get into it.
KNOWN_ALIASES = {
    "fileshare/paging.py: papers.annotate(**sort.more)",
    "fileshare/use.py: rows.order_by().values(*keys).annotate(**counts)",
    "portal/views/overview.py: visible.filter(saved_by__user=user).annotate(**paging.BY_SAVING.more)",
}
CONTROL = "a\x00b\r\n\x1b\x7f"


# --- Questions to the database ------------------------------------------------------------------------------------
@cache
def calls_of(*methods: str) -> list[tuple[str, ast.Call]]:
    """Where the site's own code calls one of these, by its source."""
    found = []
    for file in (path for app in ("members", "fileshare", "portal") for path in (ROOT / app).rglob("*.py")):
        source = file.read_text()
        if any(method in source for method in methods):
            calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
            named = (call for call in calls if getattr(call.func, "attr", getattr(call.func, "id", "")) in methods)
            found += [(file.relative_to(ROOT).as_posix(), call) for call in named]
    return found


def test_cve_2026_1287_and_2025_57833_and_2025_13372_no_alias_comes_from_a_request():
    """Names of columns given as `**names` went into SQL as they were: with quotes, or with control characters."""
    made = {
        f"{file}: {ast.unparse(call)}"
        for file, call in calls_of("annotate", "alias", "aggregate", "extra")
        if any(keyword.arg is None for keyword in call.keywords)
    }
    assert made == KNOWN_ALIASES


def test_cve_2026_1287_and_2025_57833_and_2025_13372_filtered_relation_has_a_name_of_the_source():
    named = [
        keyword.arg
        for _file, call in calls_of("annotate", "alias", "aggregate", "extra")
        for keyword in call.keywords
        if "FilteredRelation" in ast.unparse(keyword.value)
    ]
    assert named == ["place"]


@pytest.fixture
def library():
    """A folder with a paper for members, and one with a paper for the Committee."""
    for paper in (
        make_note("For members", collection=make_folder("Guidance")),
        make_note(f"Hidden members {MARKER}", collection=make_folder("Closed", groups=("Committee",))),
    ):
        search_index.insert_or_update_object(paper)


HOSTILE = ("OR", f"OR 1=1 {CONTROL} OR")


def test_cve_2025_64459_connector_in_a_question_opens_no_list(library, signed_in):
    """A question taken whole as `**names` could bring its own word between the conditions."""
    member, editor = signed_in(make_member()), signed_in(make_editor_of(make_folder("Ours")))
    for client, address, own in (
        (member, "/files/guidance/", "data-document="),
        (member, "/files/?q=members", "data-document="),
        (member, "/members/directory/", ""),
        (editor, "/admin/documents/", ""),
        (editor, "/admin/documents/chooser/results/", ""),
    ):
        for word in HOSTILE:
            asked = {"_connector": word, "_negated": "True", **({"q": "members"} if "?" in address else {})}
            answer = client.get(address.partition("?")[0], asked)
            assert answer.status_code == 200, (address, word)
            said = answer.content.decode()
            assert own in said, (address, word)
            assert MARKER not in said, (address, word)


ORDERS = ("place.title", f'-title".x) OR (1=1{CONTROL}')


@pytest.mark.parametrize("address", [
    "/files/guidance/", "/admin/documents/", "/admin/memberships/", "/admin/users/", "/admin/posts/", "/admin/images/",
    "/admin/api/main/pages/",
])  # fmt: skip
def test_cve_2026_1312_order_with_a_point_is_no_order(address, library, signed_in):
    """A column's name with a point in it went into SQL unquoted."""
    administrator = signed_in(make_administrator())
    for order in ORDERS:
        asked = dict.fromkeys(("ordering", "order", "order_by", "sort"), order)
        answer = administrator.get(address, asked)
        assert answer.status_code == (400 if "/api/" in address else 200), order


def test_cve_2026_87975_rows_inside_a_form_have_numbers_that_the_form_does_not_write():
    """Where a row's key could be written in the form, rows of others were deleted or made."""
    inside = [
        model
        for model in apps.get_models()
        if any(isinstance(field, ParentalKey) for field in model._meta.local_fields)
        and model._meta.app_label in ("members", "fileshare", "portal")
    ]
    assert {model.__name__ for model in inside} >= {"ContactField", "TaggedPost"}
    assert [model for model in inside if not isinstance(model._meta.pk, models.BigAutoField)] == []


# --- Files, mail, seals -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_cve_2026_25674_folders_of_the_private_store_do_not_hang_on_the_process_s_mask(umask, tmp_path, monkeypatch):
    """The mask is the whole process's: another thread could change it between the question and the folder."""
    monkeypatch.setattr("os.umask", lambda _mask, umask=umask, real=os.umask: real(umask))
    before = os.umask(umask)
    try:
        for is_read_by_group, mode in ((False, 0o700), (True, 0o750)):
            storage = PrivateFolderStorage(str(tmp_path / f"{mode:o}"), is_read_by_group=is_read_by_group)
            file = Path(storage.path(storage.save("papers/ab/cd", ContentFile(b"bytes"))))
            assert {place.stat().st_mode & 0o777 for place in (file.parent, file.parent.parent)} == {mode}
            assert file.stat().st_mode & 0o777 == mode & 0o666
    finally:
        monkeypatch.undo()
        os.umask(before)


class NoTls(smtplib.SMTP):
    """A server that says hello and then has no TLS, and notes what it is given all the same."""

    given: list[str] = []

    def __init__(self, *args: object, **kwargs: object) -> None:
        pass

    def starttls(self, **kwargs: object) -> None:
        raise smtplib.SMTPException("no TLS")

    def sendmail(self, *args: object, **kwargs: object) -> None:
        self.given.append("plain")

    def close(self) -> None:
        pass


def test_cve_2026_7666_mail_is_not_sent_without_the_tls_that_was_asked_for(settings, monkeypatch):
    """A connection on which TLS had failed was used again for the next message, in the clear."""
    settings.EMAIL_BACKEND, settings.EMAIL_USE_TLS = "django.core.mail.backends.smtp.EmailBackend", True
    monkeypatch.setattr(smtplib, "SMTP", NoTls)
    for number in range(2):
        sent = mail.post(to="pat@example.org", occasion=f"occasion {number}", words=("Subject", "Text"))
        with pytest.raises(mail.NotSent):
            mail.send(mail_id=sent.pk)
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {MailState.WAITING}
    quiet = get_connection(fail_silently=True)
    letter = mail.letter(to=["pat@example.org"], subject="Subject", text="Text")
    assert not quiet.send_messages([letter])
    assert not quiet.send_messages([letter])
    assert NoTls.given == []


def test_cve_2026_6873_seal_made_for_one_purpose_is_good_for_no_other():
    """Name and purpose were joined without a border, so that two pairs could come to the same."""
    pat = make_member("pat@example.org")
    seals = {
        salt: signing.dumps({"user": pat.pk, "device": "x", "from": pat.email, "to": "evil@example.org"}, salt=salt)
        for salt in (devices.SALT, email_change.SALT, robots.SALT, f"{email_change.SALT[:-1]}", "members.")
    }
    for salt, seal in seals.items():
        status = Client().get(f"/account/email/agree/{seal}/").status_code
        assert status == (200 if salt == email_change.SALT else 404), salt
    for salt, seal in seals.items():
        stranger = Client(REMOTE_ADDR="10.3.0.1")
        stranger.cookies["device"] = seal
        for _ in range(5):
            Client().post("/account/login/", {"login": pat.email, "password": "wrong"})
        answer = stranger.post("/account/login/", {"login": pat.email, "password": PASSWORD})
        assert answer.status_code == (302 if salt == devices.SALT else 429), salt
