"""The administration's front page: what waits for whom, and what was read."""

from __future__ import annotations

import datetime
import json

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import GroupPagePermission, PageViewRestriction

from fileshare.enums import Inspection
from fileshare.models import DocumentVersion
from members import audit
from members.enums import Action
from members.models import AccessRecord
from portal.models import DailyReads, HomePage, StandardPage
from portal.services import roles
from tests.factories import make_administrator, make_editor_of, make_folder, make_member, make_post, make_user
from tests.portal.reading import make_note, words_of

pytestmark = pytest.mark.django_db


def panels(client) -> dict[str, BeautifulSoup]:
    """Each panel of the front page that is ours, by its heading."""
    response = client.get("/admin/")
    assert response.status_code == 200
    found = BeautifulSoup(response.content, "html.parser").select(".w-panel--dashboard")
    ours = {words_of(each.select_one("h2")): each for each in found}
    kinds = ("Applications", "Comments to", "Papers in", "Papers refused", "Posts that", "What was")
    return {heading: panel for heading, panel in ours.items() if heading.startswith(kinds)}


def rows(panel) -> list[tuple[str, str]]:
    return [(each.a.get_text(strip=True), each.a["href"]) for each in panel.select(".desk-list li")]


def hold(paper, note: str) -> None:
    DocumentVersion.objects.filter(document=paper).update(inspection=Inspection.QUARANTINED, inspection_note=note)


def test_secretary_sees_the_oldest_applications_and_nothing_of_papers(signed_in):
    client = signed_in(make_user(groups=(roles.SECRETARIES,)))
    assert set(panels(client)) == {"Applications to decide"}
    assert "Nobody is waiting" in words_of(panels(client)["Applications to decide"])
    waiting = [make_member(standing="applicant", first_name="Ada", last_name=f"No{number}") for number in range(7)]
    make_member()
    panel = panels(client)["Applications to decide"]
    expected = [(f"Ada No{number}", f"/admin/memberships/edit/{waiting[number].membership.pk}/") for number in range(5)]
    assert rows(panel) == expected
    assert "and 2 more." in words_of(panel)


def test_auditor_sees_the_newest_refusals_and_the_way_to_all_of_them(signed_in):
    client = signed_in(make_user(groups=(roles.AUDITORS,)))
    assert set(panels(client)) == {"Papers refused in the last 30 days"}
    assert "Nobody was refused a paper." in words_of(panels(client)["Papers refused in the last 30 days"])
    paper, member = make_note("Plans of the stand"), make_member(first_name="Ada", last_name="Byron")
    for number in range(6):
        audit.record(Action.REFUSED, actor=member, object_kind="document", object_id=paper.uuid, number=number)
    audit.record(Action.OPENED, actor=member, object_kind="document", object_id=paper.uuid)
    panel = panels(client)["Papers refused in the last 30 days"]
    newest = AccessRecord.objects.filter(action=Action.REFUSED).order_by("-pk").values_list("pk", flat=True)
    assert [address for _, address in rows(panel)] == [f"/admin/access-record/inspect/{pk}/" for pk in newest[:5]]
    assert {title.split(":")[0] for title, _ in rows(panel)} == {"Ada Byron"}
    assert panel.find("a", string="and 1 more")["href"] == "/admin/access-record/?action=refused"
    later = timezone.now() + datetime.timedelta(days=31)
    with time_machine.travel(later, tick=False):
        client.force_login(make_user(groups=(roles.AUDITORS,)))
        assert "Nobody was refused a paper." in words_of(panels(client)["Papers refused in the last 30 days"])


def test_search_of_pages_is_for_who_works_on_pages(signed_in):
    for person, searches in ((make_user(groups=(roles.AUDITORS,)), False), (make_administrator(), True)):
        page = BeautifulSoup(signed_in(person).get("/admin/").content, "html.parser")
        assert (page.select_one(".w-dashboard .desk-without-pages") is None) is searches


def test_editor_sees_held_papers_of_the_own_folders_alone_with_the_reason(signed_in, monkeypatch):
    ours, theirs = make_folder("Ours"), make_folder("Theirs")
    client = signed_in(make_editor_of(ours))
    assert "No file is held back." in words_of(panels(client)["Papers in quarantine"])
    mine, other = make_note("Held", collection=ours), make_note("Heliotrope7731", collection=theirs)
    make_note("Fine", collection=ours)
    hold(mine, "It has a script in it.")
    hold(other, "Heliotrope7731")
    panel = panels(client)["Papers in quarantine"]
    assert rows(panel) == [("Held", f"/admin/documents/edit/{mine.pk}/")]
    assert "It has a script in it." in words_of(panel)
    assert "Heliotrope7731" not in client.get("/admin/").content.decode()
    assert "Applications to decide" not in panels(client)
    hold(make_note("Held too", collection=ours), "A form.")
    monkeypatch.setattr("portal.desk.MOST_SHOWN", 1)
    more = panels(client)["Papers in quarantine"].find("a", string="and 1 more")
    listed = client.get(more["href"]).content.decode()
    assert more["href"] == "/admin/documents/?state=quarantined"
    assert ("It has a script in it." in listed, "A form." in listed, "Heliotrope" in listed) == (True, True, False)


def test_scheduled_posts_stand_in_the_order_of_their_coming(signed_in):
    client = signed_in(make_administrator())
    assert "No post is scheduled." in words_of(panels(client)["Posts that will appear by themselves"])
    made = {}
    for title, days in (("Later", 9), ("Sooner", 2)):
        post = made[title] = make_post(title, live=False)
        post.go_live_at = timezone.now() + datetime.timedelta(days=days)
        post.save_revision().publish()
    make_post("Draft", live=False)
    make_post("Out")
    panel = panels(client)["Posts that will appear by themselves"]
    assert rows(panel) == [(title, f"/admin/pages/{made[title].pk}/edit/") for title in ("Sooner", "Later")]


def test_reads_are_drawn_with_their_table(signed_in):
    today = timezone.localdate()
    one, two = make_post("One"), make_post("Two")
    for post, ago, reads in ((one, 0, 4), (two, 0, 6), (one, 29, 5), (one, 30, 1000)):
        DailyReads.objects.create(post=post, day=today - datetime.timedelta(days=ago), reads=reads)
    panel = panels(signed_in(make_administrator()))["What was read in the last thirty days"]
    assert "15 reads from" in words_of(panel)
    assert "10 on the busiest day" in words_of(panel)
    bars = [float(bar["height"]) for bar in panel.select("svg rect")]
    assert bars == [50.0, *[0.0] * 28, 100.0]
    figures = [words_of(row.td) for row in panel.select("tbody tr")]
    assert figures == ["5", *["0"] * 28, "10"]
    assert [words_of(each) for each in panel.select("ol li")] == ["One 9 reads", "Two 6 reads"]


def test_days_without_reads_are_drawn_as_nothing(signed_in):
    panel = panels(signed_in(make_administrator()))["What was read in the last thirty days"]
    assert "0 reads from" in words_of(panel)
    assert {bar["height"] for bar in panel.select("svg rect")} == {"0.0"}


def test_front_page_asks_the_same_for_one_of_each_and_many(signed_in):
    client, folder = signed_in(make_administrator()), make_folder("Ours")

    def make(number: int) -> int:
        for _ in range(number):
            make_member(standing="applicant")
            hold(make_note(collection=folder), "Held")
            post = make_post(live=False)
            post.go_live_at = timezone.now() + datetime.timedelta(days=1)
            post.save_revision().publish()
            DailyReads.objects.create(post=make_post(), day=timezone.localdate(), reads=1)
        client.get("/admin/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/admin/")
        return len(asked)

    assert make(5) == make(10)


def news_menu(client) -> list[str]:
    """The labels below News, as the administration's side bar gets them."""
    page = BeautifulSoup(client.get("/admin/").content, "html.parser")
    modules = json.loads(page.select_one("#wagtail-sidebar-props").string)["modules"]
    items = next(each["_args"][0] for each in modules if each["_type"] == "wagtail.sidebar.MainMenuModule")
    below = [each["_args"][1] for each in items if each["_args"][0]["name"] == "news"]
    return [each["_args"][0]["label"] for each in below[0]] if below else []


def test_news_menu_holds_the_posts_of_those_who_write_them(signed_in):
    post = make_post("A draft about doors", live=False)
    editor = signed_in(make_user(groups=(roles.EDITORS,)))
    assert news_menu(editor) == ["Posts", "Comments", "Topics", "Authors"]
    listed = editor.get("/admin/posts/").content.decode()
    assert post.title in listed
    assert news_menu(signed_in(make_user(groups=(roles.SECRETARIES,)))) == []


def test_reads_are_those_of_the_posts_that_the_person_may_change(signed_in):
    page = HomePage.objects.get().add_child(instance=StandardPage(title="About", slug="about"))
    private = make_post("Heliotrope7731")
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    DailyReads.objects.create(post=private, day=timezone.localdate(), reads=5)
    person, group = make_user(groups=(roles.AUDITORS,)), Group.objects.create(name="About")
    change = Permission.objects.get(codename="change_page", content_type__app_label="wagtailcore")
    GroupPagePermission.objects.create(group=group, page=page, permission=change)
    person.groups.add(group)
    panel = panels(signed_in(person))["What was read in the last thirty days"]
    assert "0 reads from" in words_of(panel)
    assert "Heliotrope7731" not in str(panel)
    GroupPagePermission.objects.create(group=group, page=private, permission=change)
    panel = panels(signed_in(person))["What was read in the last thirty days"]
    assert [words_of(each) for each in panel.select("ol li")] == ["Heliotrope7731 5 reads"]
