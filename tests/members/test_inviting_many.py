"""A file of people who are invited together."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from members.models import (
    AccessRecord,
    Invitation,
    MembershipLevel,
    Organisation,
    OutgoingMail,
)
from portal.services import roles
from tests.factories import (
    make_member,
)
from tests.members.inviting import HAS_ONE, LIST, MEMBER, TODAY_NEXT_YEAR
from tests.members.joining import soup_in
from tests.portal.reading import words_of

pytestmark = pytest.mark.django_db


def bring(admin, content, name="people.csv", **data):
    content = content.encode() if isinstance(content, str) else content
    return admin.post(f"{LIST}invite-list/", {"file": SimpleUploadedFile(name, content), **data})


def said(answer):
    return words_of(soup_in(answer).select_one("main"))


GOOD = "E-mail;First name;Last name;Level;Organisation;Member until\r\n{}\r\n"


@pytest.fixture
def known():
    return MembershipLevel.objects.create(name="Fellow"), Organisation.objects.create(name="Éclair & Co.")


def test_file_is_looked_at_and_then_invited_as_a_whole(admin, known, secretary):
    year = TODAY_NEXT_YEAR.year
    people = f"Ada@Example.org;Ada;Byron;fellow;éclair & co.;31/12/{year}\r\n\r\nbo@example.org;;Bo;;;"
    content = "\ufeff" + GOOD.format(people)
    answer = bring(admin, content, message="Welcome to all.", expires_on="")
    assert "2 people to invite" in said(answer)
    assert (Invitation.objects.count(), OutgoingMail.objects.count()) == (0, 0)
    cells = [words_of(each) for each in soup_in(answer).select(".joining-preview tbody tr:first-child td")]
    assert cells == ["2", "ada@example.org", "Ada Byron", "Fellow", "Éclair & Co.", f"31 December {year}"]
    sealed = soup_in(answer).select_one("[name=sealed]")["value"]
    sent = admin.post(f"{LIST}invite-list/", {"sealed": sealed}, follow=True)
    assert "2 invitations are on their way." in words_of(soup_in(sent))
    ada = Invitation.objects.get(email="ada@example.org")
    assert (ada.level, ada.organisation, ada.message) == (*known, "Welcome to all.")
    assert Invitation.objects.get(email="bo@example.org").last_name == "Bo"
    assert OutgoingMail.objects.count() == AccessRecord.objects.filter(action="invited").count() == 2
    again = admin.post(f"{LIST}invite-list/", {"sealed": sealed})
    assert "Nobody was invited" in said(again)
    assert HAS_ONE in said(again)
    assert OutgoingMail.objects.count() == 2


def test_problems_are_told_by_line_and_nobody_is_invited(admin, invited):
    make_member("member@example.org")
    people = [
        "ada@example.org;Ada;Byron;;;",
        "member@example.org;;Member;;;",
        "twice@example.org;;One;;;",
        "Twice@example.org;;Two;;;",
        "cаrl@example.org;;Carl;;;",
        "dora@example.org;=1+1;Dora;;;",
        "emil@example.org;;Emil;Grand master;;",
        "fay@example.org;;Fay;;Nowhere Ltd;",
        "gus@example.org;;Gus;;;31/12/2001",
        "hal@example.org;;Hal;;;soon",
        ";;Ida;;;",
        f"jo@example.org;;{'x' * 2000};;;",
        "kim@example.org;Kim;Kim;;;;;;",
    ]
    answer = bring(admin, GOOD.format("\r\n".join(people)))
    problems = [words_of(each) for each in soup_in(answer).select(".joining-problems li")]
    expected = [
        f"Line 2, E-mail: {HAS_ONE}", f"Line 3, E-mail: {MEMBER}",
        "Line 5, E-mail: twice@example.org is in line 4 already.",
        "Line 6, E-mail: “а” only looks like", "Line 7, First name: It begins with “=”, as a formula does.",
        "Line 8, Level: There is no level “Grand master”.", "Line 9, Organisation: “Nowhere Ltd” is not known.",
        "Line 10, Member until: That day has passed.", "Line 11, Member until: “soon” is no day.",
        "Line 12, E-mail: There is no e-mail address", "Line 13, Last name: It has 2,000 characters",
        "Line 14: It has 9 cells where the first line has 6.",
    ]  # fmt: skip
    assert [each for each, start in zip(problems, expected, strict=True) if not each.startswith(start)] == []
    assert "All lines are invited, or none." in said(answer)
    assert soup_in(answer).select_one("[name=sealed]") is None
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize(("content", "sentence"), [
    (b"", "The file is empty."),
    (b" \r\n \r\n", "The file is empty."),
    (b"PK\x03\x04rest of a zip", "This is an Excel workbook or a zip archive under the name of a CSV file."),
    (b"E-mail,Last name\n\xff\x81\x8d,x", "in an encoding that cannot be guessed"),
    (b"E-mail,Last name\n\0,x", "This is no text."),
    (b"E-mail,Last name", "The file has a first line, and nobody below it."),
    (",".join(f"Column {number}" for number in range(200)).encode() + b"\nx", "The file has 200 columns"),
    (b"Phone,Last name\n1,x", "No column holds the e-mail address"),
    (b'E-mail,Last name\n"a"b,x', "cannot be read as CSV"),
    (b"x" * (2 * 1024 * 1024 + 1), "The file is larger than 2 MB."),
    (b"E-mail,Last name\n" + b"".join(b"p%d@example.org,P\n" % number for number in range(501)),
     "Please invite at most 500 people at once"),
    (None, "Please choose a file."),
])  # fmt: skip
def test_file_that_is_none_is_told_in_a_sentence(admin, content, sentence):
    answer = bring(admin, content) if content is not None else admin.post(f"{LIST}invite-list/", {})
    assert (answer.status_code, sentence in said(answer)) == (200, True)
    assert Invitation.objects.count() == 0


def test_file_in_the_encoding_of_excel_says_how_it_was_read(admin):
    answer = bring(admin, "E-mail,Last name\nada@example.org,Éclair".encode("cp1252"))
    assert "1 person to invite" in said(answer)
    assert "was read as Windows-1252" in said(answer)
    assert "Éclair" in said(answer)


def test_preview_is_good_for_whoever_looked_and_for_nobody_else(admin, signed_in):
    sealed = soup_in(bring(admin, "E-mail,Last name\nada@example.org,Byron")).select_one("[name=sealed]")["value"]
    other = signed_in(make_member(groups=(roles.SECRETARIES,)))
    for client, given in ((other, sealed), (admin, sealed[:-2]), (admin, ""), (admin, "nonsense")):
        answer = client.post(f"{LIST}invite-list/", {"sealed": given})
        assert "The list was looked at too long ago." in said(answer)
    assert Invitation.objects.count() == 0


def test_one_who_became_a_member_meanwhile_stops_the_whole_list(admin):
    content = "E-mail,Last name\nada@example.org,Byron\nbo@example.org,Bo"
    sealed = soup_in(bring(admin, content)).select_one("[name=sealed]")["value"]
    make_member("bo@example.org")
    answer = admin.post(f"{LIST}invite-list/", {"sealed": sealed})
    assert "bo@example.org belongs to a current member" in said(answer)
    assert (Invitation.objects.count(), OutgoingMail.objects.count()) == (0, 0)
