"""The list of memberships in the administration: found, filtered, paged, exported."""

from __future__ import annotations

import datetime
import io

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from members import audit, record_words
from members.models import AccessRecord, Membership, MembershipLevel, Organisation, User
from tests.factories import make_administrator, make_member
from tests.members.secretary import person, until

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(secretary, signed_in):
    return signed_in(secretary)


def test_list_has_those_who_wait_first(client):
    person("current", last_name="Aa")
    person("applicant", last_name="Zz")
    body = client.get("/admin/memberships/").content.decode()
    assert body.index("Pat Zz") < body.index("Pat Aa")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("standing=applicant", {"applicant"}),
        ("standing=current", {"current", "secretary"}),
        ("standing=lapsed", {"lapsed"}),
        ("standing=suspended", {"suspended"}),
        ("standing=nonsense", None),
        ("q=suspended", {"suspended"}),
        ("q=SUSPENDED+last-suspended", {"suspended"}),
        ("q=suspended+last-lapsed", set()),
        ("q=%00", None),
        ("p=99", None),
        ("ordering=expires_on", {"applicant", "current", "lapsed", "suspended", "secretary"}),
        ("ordering=nonsense", {"applicant", "current", "lapsed", "suspended", "secretary"}),
    ],
)
def test_list_is_filtered_and_searched(client, query, found):
    for standing in ("applicant", "current", "lapsed", "suspended"):
        make_member(f"{standing}@example.org", standing=standing, last_name=f"last-{standing}")
    response = client.get(f"/admin/memberships/?{query}")
    if found is None:
        assert response.status_code in (200, 404)
        return
    names = {"applicant", "current", "lapsed", "suspended", "secretary"}
    listing = response.content.decode()
    assert {name for name in names if f"{name}@example.org" in listing} == found


def test_number_finds_its_member(client):
    current = person("current")
    body = client.get(f"/admin/memberships/?q={current.number}").content.decode()
    assert current.user.email in body


def test_memberships_are_neither_added_nor_deleted_by_hand(client, signed_in):
    membership = person("current")
    for who in (client, signed_in(make_administrator())):
        before = Membership.objects.count()
        assert who.get("/admin/memberships/new/").status_code in (302, 403, 404)
        who.post("/admin/memberships/new/", {"level": "", "organisation": ""})
        who.post(f"/admin/memberships/delete/{membership.pk}/")
        assert Membership.objects.count() == before


@pytest.mark.parametrize("number", [1, 60])
@pytest.mark.parametrize("query", ["", "q=Pat", "standing=current", "level={level}", "expires_within=30", "p=2"])
def test_list_is_searched_filtered_and_paged_in_ten_queries(client, number, query, django_assert_num_queries):
    level = MembershipLevel.objects.create(name="Fellow")
    for _ in range(number):
        until(person("current"), 10, level=level)
    address = f"/admin/memberships/?{query.format(level=level.pk)}"
    client.get(address)
    with django_assert_num_queries(9):
        assert client.get(address).status_code == 200


def listed(client, query):
    return {each.user.email.split("@")[0] for each in client.get(f"/admin/memberships/?{query}").context["object_list"]}


def test_list_finds_each_stage_of_a_membership(client, secretary):
    level = MembershipLevel.objects.create(name="Fellow", grace_days=10)
    hall = Organisation.objects.create(name="City Hall")

    def made(name, days, **fields):
        return until(make_member(f"{name}@example.org", standing="current").membership, days, level=level, **fields)

    made("soon", 5)
    made("later", 50, organisation=hall)
    made("grace", -5)
    made("lapsed", -11)
    made("resigned", 5, decision="resigned")
    User.objects.filter(email="later@example.org").update(password="!unusable")
    assert listed(client, "standing=current") == {"soon", "later", "secretary"}
    assert listed(client, "standing=grace") == {"grace"}
    assert listed(client, "standing=lapsed") == {"lapsed"}
    assert listed(client, "standing=resigned") == {"resigned"}
    assert listed(client, "expires_within=7") == {"soon"}
    assert listed(client, "organisation=city") == {"later"}
    assert listed(client, "password=none") == {"later"}
    assert listed(client, f"level={level.pk}&standing=current&q=soon") == {"soon"}
    for nonsense in ("expires_within=-1", "expires_within=x", "expires_within=99999", "level=x", "standing=x"):
        assert listed(client, nonsense) == set(), nonsense


def test_long_list_is_paged_without_loss(client):
    for each in range(60):
        make_member(f"m{each}@example.org", last_name="Same", first_name="Name")
    found = [each.pk for page in (1, 2) for each in client.get(f"/admin/memberships/?p={page}").context["object_list"]]
    assert len(found) == len(set(found)) == 61
    in_order = Membership.objects.order_by("user__last_name", "user__first_name", "pk")
    assert found == list(in_order.values_list("pk", flat=True))


HEAD = "Number,First name,Last name,E-mail,Standing,Level,Organisation,Member since,Member until,Reason for suspension"


@pytest.fixture
def register(secretary):
    """Two people, one of whom is called by a formula."""
    hall = Organisation.objects.create(name="City Hall")
    level = MembershipLevel.objects.create(name="Fellow")
    ada = make_member("ada@example.org", first_name="=HYPERLINK(1)", last_name="By\x0bron")
    first, last = datetime.date(2020, 1, 2), datetime.date(2031, 1, 2)
    Membership.objects.filter(user=ada).update(
        number=7, organisation=hall, level=level, starts_on=first, expires_on=last
    )
    make_member("ben@example.org", standing="applicant")
    Membership.objects.filter(user=secretary).delete()


def test_list_is_exported_as_csv_with_the_filters_and_recorded(client, register, secretary):
    response = client.get("/admin/memberships/?export=csv&standing=current")
    assert response["Cache-Control"] == "private, no-store"
    assert "members.csv" in response["Content-Disposition"]
    assert b"".join(response.streaming_content).decode().splitlines() == [
        HEAD,
        "7,'=HYPERLINK(1),Byron,ada@example.org,Current member,Fellow,City Hall,2020-01-02,2031-01-02,",
    ]
    row = AccessRecord.objects.select_related("said").first()
    assert (row.action, row.actor_id, row.object_kind) == ("members_exported", secretary.pk, "members")
    assert row.said.text == "export=csv&standing=current"
    read_by = make_administrator()
    record_words.describe([row], read_by)
    assert (row.words.about, row.words.outcome) == ("The list of members", "as CSV; standing: current")


def test_list_is_exported_as_a_workbook_without_formulas(client, register):
    response = client.get("/admin/memberships/?export=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[0] == HEAD.split(",")
    assert cells[1][:5] == [None, "Pat", "Person", "ben@example.org", "Waiting for approval"]
    assert cells[2][:4] == [7, "'=HYPERLINK(1)", "Byron", "ada@example.org"]
    assert [sheet["I3"].value, sheet["I3"].is_date] == [datetime.date(2031, 1, 2), True]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_export_that_cannot_be_recorded_does_not_leave(client, register, monkeypatch):
    def full(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(audit, "record", full)
    with pytest.raises(OSError, match="disk full"):
        client.get("/admin/memberships/?export=csv")


@pytest.mark.parametrize("number", [1, 30])
def test_export_asks_the_same_number_of_questions_for_few_and_many(client, number, django_assert_num_queries):
    for _ in range(number):
        person("current")
    b"".join(client.get("/admin/memberships/?export=csv").streaming_content)
    with django_assert_num_queries(9):
        body = b"".join(client.get("/admin/memberships/?export=csv").streaming_content)
    assert body.count(b"\r\n") == number + 2


def test_what_is_exported_can_be_imported(client, register, tmp_path):
    file = tmp_path / "members.csv"
    file.write_bytes(b"".join(client.get("/admin/memberships/?export=csv&standing=current").streaming_content))
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("import_members", str(file), stderr=out)
    assert "Line 2, First name: It begins with “=”, as a formula does." in out.getvalue()
    User.objects.filter(email="ada@example.org").update(first_name="Ada")
    file.write_bytes(b"".join(client.get("/admin/memberships/?export=csv&standing=current").streaming_content))
    out = io.StringIO()
    call_command("import_members", str(file), stdout=out)
    assert "New members: 0. Changed: 0. Unchanged: 1." in out.getvalue()
