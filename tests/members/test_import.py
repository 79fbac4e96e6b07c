"""A register comes in from a CSV file: whatever a spreadsheet makes of it, as a whole or not at all."""

from __future__ import annotations

import datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from members.csv_register import Unreadable, open_table
from members.enums import Decision
from members.models import (
    AccessRecord,
    ErasedPerson,
    MemberImport,
    Membership,
    MembershipLevel,
    Organisation,
    OutgoingMail,
    RecordedWords,
    User,
)
from members.services import import_members as services
from members.services import lapse
from tests.factories import make_member, make_user
from tests.members import registers
from tests.members.registers import FILES, GOOD, rows

pytestmark = pytest.mark.django_db
clock, level, run = registers.clock, registers.level, registers.run
END = datetime.date(2099, 12, 31)


# --- What comes in ----------------------------------------------------------------------------------------------


def test_register_comes_in_with_numbers_levels_organisations_and_dates(run, level):
    by = make_user("secretary@example.org")
    out, _err, done = run(GOOD, "--by", "Secretary@example.org")
    assert done
    assert "New members: 2. Changed: 0. Unchanged: 0." in out
    assert "New organisations: City Hall, Pell, Water & Co." in out
    ada, elodie = (Membership.objects.get(user__email=f"{name}@example.org") for name in ("ada", "elodie"))
    assert (ada.number, ada.level, ada.organisation.name) == (17, level, "City Hall")
    assert (ada.decision, ada.starts_on, ada.expires_on) == (Decision.APPROVED, datetime.date(2019, 2, 1), END)
    assert (elodie.number, elodie.level, elodie.expires_on) == (18, None, None)
    assert (elodie.user.first_name, elodie.user.last_name) == ("Élodie", "O'Neil, Jr")
    assert not ada.user.has_usable_password()
    assert ada.user.is_current_member
    assert set(Membership.objects.without_password()) == {ada, elodie}
    assert OutgoingMail.objects.count() == 0
    recorded = [(row.action, row.actor_id, row.object_id, row.details) for row in AccessRecord.objects.order_by("pk")]
    assert recorded[0] == (
        "membership_imported", by.pk, "17",
        {"user": ada.user_id, "starts_on": "2019-02-01", "expires_on": "2099-12-31", "level": "Fellow", "line": 2},
    )  # fmt: skip
    assert [row[0] for row in recorded] == ["membership_imported", "membership_imported", "members_imported"]
    said = RecordedWords.objects.get()
    assert recorded[2][3] == {"new_members": 2, "changed_members": 0, "words": said.digest}
    assert said.text == "register.csv"


def test_dry_run_says_the_same_and_imports_nothing(run, level):
    out, _err, done = run(GOOD, "--dry-run")
    assert done
    assert "New members: 2." in out
    assert "A dry run: nothing was imported." in out
    assert (User.objects.count(), Organisation.objects.count(), AccessRecord.objects.count()) == (0, 0, 0)


def test_second_import_changes_nothing(run, level):
    run(GOOD)
    before = list(Membership.objects.order_by("pk").values())
    out, _err, done = run(GOOD)
    assert done
    assert "New members: 0. Changed: 0. Unchanged: 2." in out
    assert list(Membership.objects.order_by("pk").values()) == before


def test_people_who_are_members_get_level_organisation_and_a_later_end(run, level):
    known = make_member("ada@example.org", first_name="Augusta", last_name="King")
    before = timezone.localdate() + datetime.timedelta(days=5)
    Membership.objects.filter(user=known).update(expires_on=before, reminded_days=7, number=17)
    out, _err, done = run(rows("ada@example.org,Byron,17,fellow,City Hall,,2099-12-31"))
    assert done
    assert "New members: 0. Changed: 1. Unchanged: 0." in out
    membership = Membership.objects.select_related("user").get()
    assert (membership.level, membership.organisation.name) == (level, "City Hall")
    assert (membership.expires_on, membership.reminded_days) == (END, None)
    assert str(membership.user) == "Augusta King"
    assert AccessRecord.objects.get(action="membership_imported").details == {
        "user": known.pk, "level": {"from": None, "to": "Fellow"}, "changed": ["organisation"],
        "before": before.isoformat(), "expires_on": "2099-12-31", "line": 2,
    }  # fmt: skip


@pytest.mark.parametrize("standing", ["suspended", "lapsed"])
def test_import_takes_nobody_back(run, standing):
    known = make_member("ada@example.org", standing=standing)
    Membership.objects.filter(user=known).update(expires_on=timezone.localdate() - datetime.timedelta(days=1))
    assert run(rows("ada@example.org,Byron,,,,,2099-12-31"))[2]
    assert Membership.objects.get().decision == ("suspended" if standing == "suspended" else "approved")


def test_account_without_a_membership_becomes_a_member_and_keeps_its_name(run):
    named, nameless = (
        make_user("ada@example.org", first_name="Augusta"),
        make_user("b@example.org", first_name="", last_name=""),
    )
    assert run(rows("ada@example.org,Byron,,,,,", "b@example.org,Bell,,,,,"))[2]
    named.refresh_from_db()
    nameless.refresh_from_db()
    assert (named.first_name, nameless.last_name) == ("Augusta", "Bell")
    assert Membership.objects.current().count() == 2
    assert named.has_usable_password()


def test_membership_that_was_over_before_is_not_told_so_by_a_mail(run):
    assert run(rows("ada@example.org,Byron,,,,2001-01-01,2002-01-01"))[2]
    lapse.note_lapses()
    assert OutgoingMail.objects.count() == 0


def test_wishes_for_those_whose_row_names_none(run, level):
    assert run(rows("a@example.org,A,,,,,"), "--level", "fellow", "--until", "2099-12-31")[2]
    membership = Membership.objects.get()
    assert (membership.level, membership.expires_on) == (level, END)
    assert "The site knows no level “Duke”." in run(GOOD, "--level", "Duke")[1]


def test_missing_levels_are_made_with_their_groups_where_that_is_wished(run):
    assert run(rows("a@example.org,A,,Fellow,,,", "b@example.org,B,,FELLOW,,,"), "--make-levels")[2]
    assert MembershipLevel.objects.get().group.name == "Fellow members"
    assert Membership.objects.filter(level__name="Fellow").count() == 2


def test_columns_with_heads_of_their_own_are_assigned(run):
    content = rows("x@example.org,Xu", head="Kontakt,Nachname")
    assert "No column holds the e-mail address" in run(content)[1]
    assert run(content, "--column", "email=Kontakt", "--column", "last_name=Nachname")[2]
    assert "No column is called “Nix”." in run(content, "--column", "email=Nix")[1]


# --- Files as they come -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + "E-mail,Name\ne@example.org,Zo\u00eb Bell\n".encode(),
        "E-mail;Name\ne@example.org;Zoë Bell\n".encode(),
        "E-mail\tName\r\ne@example.org\tZoë Bell\r\n".encode("utf-16"),
        "E-mail,Name\ne@example.org,Zoë Bell\n".encode("cp1252"),
        '\n\n"E-mail" , "Name"\n\n"e@example.org","Zoë\nBell"\n,,\n'.replace('" , "', '","').encode(),
        "\ufeffE-Mail;NAME;;\r\n mailto:E@EXAMPLE.ORG ; Zoë\u200b  Bell ;;\r\n".encode(),
    ],
    ids=["BOM", "semicolons", "UTF-16 with tabs", "Windows-1252", "blank lines", "spaces"],
)
def test_file_of_any_spreadsheet_is_read(run, content):
    _out, err, done = run(content)
    assert done, err
    user = User.objects.get()
    assert (user.email, user.first_name, user.last_name) == ("e@example.org", "Zoë", "Bell")
    assert ("was read as Windows-1252" in err) == (b"\xeb" in content and not content.startswith(b"\xff"))


@pytest.mark.parametrize(("content", "sentence"), FILES)
def test_file_that_is_no_register_is_refused_in_a_sentence(run, content, sentence):
    _out, err, done = run(content)
    assert not done
    assert sentence in err


def test_file_beyond_all_measure_is_refused(monkeypatch):
    monkeypatch.setattr("members.csv_register.LARGEST_FILE", 10)
    with pytest.raises(Unreadable, match="larger than 20 MB"):
        open_table(b"x" * 11)
    monkeypatch.setattr("members.csv_register.LARGEST_FILE", 1000)
    monkeypatch.setattr("members.csv_register.MOST_ROWS", 2)
    table = open_table(b"E-mail\n1\n2\n3\n")
    assert (
        services.plan_of(MemberImport(text=table.text, delimiter=",", columns={"email": 0}, options={}))
        .problems[0]
        .sentence.startswith("The file has more than 2 rows.")
    )


def test_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_members", str(tmp_path / "none.csv"))


PROBLEMS = [
    ("a@example.org,,,,,,", "Line 2, Last name: There is no name."),
    (",Byron,,,,,", "Line 2, E-mail: There is no e-mail address"),
    ("nobody,Byron,,,,,", "Line 2, E-mail: “nobody” is no e-mail address."),
    ("\u0430da@example.org,Byron,,,,,", "Line 2, E-mail: “\u0430” only looks like a letter of an e-mail address."),
    (f"a@example.org,{'x' * 2000},,,,,", "Line 2, Last name: It has 2,000 characters, and at most 150 can be kept."),
    ("a@example.org,=HYPERLINK(1),,,,,", "Line 2, Last name: It begins with “=”, as a formula does."),
    ("a@example.org,B,,,@SUM(1),,", "Line 2, Organisation: It begins with “@”, as a formula does."),
    ("a@example.org,B,x7,,,,", "Line 2, Number: “x7” is no membership number"),
    ("a@example.org,B,0,,,,", "Line 2, Number: “0” is no membership number"),
    ("a@example.org,B,99999999999999,,,,", "is no membership number"),
    ("a@example.org,B,,Duke,,,", "Line 2, Level: The site knows no level “Duke”."),
    ("a@example.org,B,,,,2027-03-31,2027-03-30", "Line 2, Member until: A membership cannot end before it starts."),
    ("a@example.org,B,,,,,2001-01-01", "Line 2, Member until: The membership has ended, and no first day says"),
    ("a@example.org,B,,,,03/31/2027,", "Line 2, Member since: “03/31/2027” is no day."),
    ("a@example.org,B,,,,0019-01-01,", "The year 19 cannot be right."),
    ("a@example.org,B,,,,,9999-01-01", "The year 9999 cannot be right."),
    ("a@example.org,B,,,,,,more", "Line 2: It has 8 cells where the first line has 7."),
    ("a@example.org,B,,,,,\nA@example.org,C,,,,,", "Line 3, E-mail: a@example.org is in line 2 already."),
    ("a@example.org,B,7,,,,\nc@example.org,C,7,,,,", "Line 3, Number: The number 7 is in line 2 already."),
    ("a@example.org,B,9000,,,,", "Line 2, Number: Another member has, or had, the number 9000 already."),
    ("known@example.org,B,9001,,,,", "known@example.org has the number 9000 on the site, and a number never changes."),
    ("known@example.org,B,,,,,2002-01-01", "Line 2, Member until: The site has no end. An import makes no membership"),
    ("a@example.org,B,8000,,,,", "Line 2, Number: Another member has, or had, the number 8000 already."),
    ("leaving@example.org,B,,,,,", "leaving@example.org has asked to be erased. Please take the row out."),
    ("applied@example.org,B,,,,,", "applied@example.org has applied. Please decide about the application first."),
]


@pytest.mark.parametrize(("row", "sentence"), PROBLEMS)
def test_row_that_does_not_fit_keeps_the_whole_file_out(run, row, sentence):
    known = make_member("known@example.org")
    Membership.objects.filter(user=known).update(number=9000)
    make_member("applied@example.org", standing="applicant")
    make_member("leaving@example.org", leaves_at=timezone.now() + datetime.timedelta(days=5))
    ErasedPerson.objects.create(number=7_000, mark="x", member_number=8000)
    people = User.objects.count()
    _out, err, done = run(rows(*row.split("\n"), "good@example.org,Good,,,,,"))
    assert not done
    assert sentence in err
    assert "1 problem. Nothing was imported." in err
    assert User.objects.count() == people


def test_each_problem_has_a_line(run):
    _out, err, done = run(rows("nobody,,x,,,,", "a@example.org,A,,,,,", "b@example.org,,,,,,"))
    assert not done
    assert [line.split(":")[0] for line in err.splitlines() if line.startswith("Line")] == [
        "Line 2, E-mail", "Line 2, Last name", "Line 2, Number", "Line 4, Last name",
    ]  # fmt: skip
    assert "4 problems. Nothing was imported." in err


def test_known_people_and_new_organisations_are_problems_where_that_is_wished(run):
    make_member("known@example.org")
    content = rows("known@example.org,K,,,City Hall,,")
    assert "known@example.org is known to the site already." in run(content, "--no-update")[1]
    assert "The site knows no organisation “City Hall”." in run(content, "--only-known-organisations")[1]


def test_somebody_added_meanwhile_keeps_everybody_out(run, monkeypatch):
    real = services._levels

    def meanwhile(*args):
        make_user("b@example.org")
        return real(*args)

    monkeypatch.setattr(services, "_levels", meanwhile)
    _out, err, done = run(rows("a@example.org,A,,,,,", "b@example.org,B,,,,,"))
    assert not done
    assert "Somebody has changed the same people while the import ran. Nothing was imported" in err
    assert (User.objects.count(), AccessRecord.objects.count()) == (0, 0)
