"""Who hears of what is new, how soon and in which words; and that nobody hears of what they may not read."""

from __future__ import annotations

import datetime
import re

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core import mail
from django.utils import timezone
from wagtail.models import PageViewRestriction

from fileshare.enums import Telling
from fileshare.models import Folder, SharedDocument
from fileshare.services import acknowledge, publish
from members.models import Membership, MembershipLevel, OutgoingMail, User
from portal.models import Announcement, Comment, Kind, Pace, Preference, SiteSettings, Subscriber, Topic
from portal.notifications import announcing, audience
from portal.notifications import comments as comment_mails
from portal.services import comments, preferences
from tests.factories import make_administrator, make_editor_of, make_folder, make_member, make_post
from tests.portal.reading import make_note, set_site
from tests.portal.telling import feed_address, run, told

pytestmark = pytest.mark.django_db
MONDAY = datetime.datetime(2027, 5, 31, 9, 0, tzinfo=datetime.UTC)  # ten o'clock in London
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def monday(db):
    """A Monday after seven; its digests, which have nothing in them, are done."""
    set_site(organisation_name="Safe Places", hold_first_comment=False)
    with time_machine.travel(MONDAY, tick=False) as clock:
        run()
        mail.outbox.clear()
        yield clock


def publish_post(title, **fields):
    post = make_post(title, published_at=timezone.now(), **fields)
    announcing.announce_post(post)
    return post


def tell_of(paper):
    SharedDocument.objects.filter(pk=paper.pk).update(telling=Telling.YES)
    return paper


def note(title, marking="TLP:GREEN", **fields):
    """A paper to be told of; only a PDF can come in above GREEN, so that it is marked afterwards."""
    paper = tell_of(make_note(title, **{"publish_at": timezone.now(), **fields}))
    SharedDocument.objects.filter(pk=paper.pk).update(marking=marking)
    paper.refresh_from_db()
    return paper


def wants(user, pace, *, topic=None, folder=None, kind=Kind.POSTS):
    key = None if folder is None else folder.pk
    Preference.objects.create(user=user, kind=Kind.PAPERS if folder else kind, topic=topic, folder_id=key, pace=pace)


def person(name, pace=None, *, kinds=(Kind.POSTS, Kind.PAPERS), **fields):
    user = make_member(f"{name}@example.org", **fields)
    for kind in kinds if pace is not None else ():
        wants(user, pace, kind=kind)
    return user


# --- How soon ----------------------------------------------------------------------------------------------------
def test_each_hears_once_at_the_pace_chosen_and_the_usual_one_is_weekly(monday):
    people = {name: person(name, pace) for name, pace in
              (("soon", Pace.AT_ONCE), ("daily", Pace.DAILY), ("usual", None), ("never", Pace.NEVER))}  # fmt: skip
    publish_post("Barriers tested")
    assert set(told()) == {people["soon"].email}
    assert told() == {}
    monday.shift(DAY)
    assert set(told()) == {people["daily"].email}
    assert told() == {}
    for _ in range(5):
        monday.shift(DAY)
        assert told() == {}
    monday.shift(DAY)
    assert set(told()) == {people["usual"].email}
    assert told() == {}


def test_mail_at_once_says_what_where_and_why_and_can_be_stopped():
    person("soon", Pace.AT_ONCE, first_name="Ada")
    note("Guide to bollards", collection=make_folder("Guidance"))
    message = told()["soon@example.org"]
    assert message.subject == "TLP:GREEN: New paper: Guide to bollards"
    text = message.body
    assert text.startswith("TLP:GREEN\n\nGood day, Ada,\n\nthis has just appeared.\n\nNew papers, because you")
    assert "because you hear of new papers at once:\n" in text
    address = f"http://127.0.0.1:8000{SharedDocument.objects.get().get_absolute_url()}"
    assert f"TLP:GREEN: Guide to bollards\nin Guidance\n{address}\n" in text
    headers = message.extra_headers
    stop = headers["List-Unsubscribe"].strip("<>")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Id"] == "<news.127.0.0.1>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert stop in text
    html = message.alternatives[0][0]
    assert "Guide to bollards" in html
    assert f'href="{stop}"' in html


def test_digest_is_one_mail_in_groups_with_reasons_and_without_titles_above_green(monday):
    events, group = Topic.objects.create(name="Major events", slug="events"), Group.objects.create(name="Committee")
    guidance, closed = make_folder("Guidance"), make_folder("Committee", groups=("Committee",))
    ada = person("ada", Pace.WEEKLY)
    ada.groups.add(group)
    wants(ada, Pace.WEEKLY, topic=events)
    wants(ada, Pace.WEEKLY, folder=guidance)
    publish_post("On the road", standfirst="Long ways.")
    publish_post("A final", standfirst="Crowds.", topics=[events])
    note("Guide to bollards", collection=guidance)
    note("Secret minutes", "TLP:AMBER", collection=closed)
    confirm = note("Rules", collection=guidance, acknowledge_by=timezone.localdate() + 30 * DAY)
    assert told() == {}
    monday.shift(7 * DAY)
    message = told()["ada@example.org"]
    assert message.subject == "TLP:AMBER: News: 2 posts, 3 papers and 1 paper to confirm"
    lines = [line for line in message.body.splitlines() if line and not line.startswith("http")]
    assert lines[:19] == [
        "TLP:AMBER", "Good day, Pat,", "this is new since 31 May 2027.",
        "New posts, because you follow Major events:", "A final", "Crowds.",
        "New posts, because you hear of all new posts:", "On the road", "Long ways.",
        "New papers, because you follow Guidance:", "TLP:GREEN: Rules", "in Guidance", "TLP:GREEN: Guide to bollards",
        "in Guidance", "New papers, because you hear of all new papers:", "TLP:AMBER: A restricted paper",
        "in Committee", "Papers that wait for your confirmation:", "TLP:GREEN: Rules",
    ]  # fmt: skip
    assert "by 30 June 2027" in lines
    assert "Secret minutes" not in message.body + message.subject + message.alternatives[0][0]
    acknowledge.acknowledge(document=confirm, number=1, by=ada)
    monday.shift(7 * DAY)
    assert told() == {}, "there is nothing in it"


# --- Which pace counts --------------------------------------------------------------------------------------------
PACES = """
all   first  second  above  own   post   paper
-     -      -       -      -     2      2
0     -      -       -      -     0      0
3     -      -       -      -     3      3
3     1      -       1      -     1      1
0     3      3       3      -     3      3
2     3      0       1      3     0      3
3     -      2       0      1     2      1
1     3      -       -      3     1      3
"""


@pytest.mark.parametrize("row", [row.split() for row in PACES.strip().splitlines()[1:]], ids=" ".join)
def test_quickest_topic_and_nearest_folder_count(row):
    user, first, second = make_member(), *(Topic.objects.create(name=name, slug=name) for name in "ab")
    above = make_folder("Above")
    own = make_folder("Own", parent=above)
    *chosen, of_post, of_paper = row
    every, one, two, outer, inner = (None if each == "-" else int(each) for each in chosen)
    if every is not None:
        wants(user, every)
        wants(user, every, kind=Kind.PAPERS)
    for place, pace in (
        ({"topic": first}, one),
        ({"topic": second}, two),
        ({"folder": above}, outer),
        ({"folder": own}, inner),
    ):
        if pace is not None:
            wants(user, pace, **place)
    post, paper = make_post(topics=[first, second]), make_note(collection=own)
    assert audience.of_post(post).get(pk=user.pk).pace == int(of_post)
    assert audience.of_paper(paper).get(pk=user.pk).pace == int(of_paper)


def test_comments_come_at_once_in_the_digest_or_never(monday):
    post = publish_post("A post")
    told()
    people = [person(name, pace, kinds=(Kind.COMMENTS,)) for name, pace in
              (("soon", None), ("daily", Pace.DAILY), ("never", Pace.NEVER))]  # fmt: skip
    for each in people:
        Comment.objects.create(post=post, author=each, text="x", state="appeared", wants_mail=True)
    monday.shift(60 * datetime.timedelta(minutes=1))
    site = SiteSettings.objects.get()
    new = comments.write(post=post, author=make_member("new@example.org"), text="New.", site=site, wants_mail=False)
    assert [each.email for each in comment_mails.members_to_tell(new)] == ["soon@example.org"]
    Comment.objects.filter(pk=new.pk).update(mailed_at=timezone.now())
    monday.shift(DAY)
    found = told()
    assert set(found) == {"daily@example.org"}
    assert "1 new comment on “A post”" in found["daily@example.org"].body


# --- Nothing hidden ----------------------------------------------------------------------------------------------
HIDDEN = """
                     mem  com  lap  edi  adm  nam  lvl
Open                 x    x    -    x    x    x    x
Closed               -    x    -    -    -    -    -
Below closed         -    x    -    -    -    -    -
For the level        -    -    -    -    -    -    x
Red                  -    -    -    -    -    x    -
Embargoed            -    -    -    -    -    -    -
Withdrawn            -    -    -    -    -    -    -
Waiting              -    -    -    -    -    -    -
Post                 x    x    -    x    x    x    x
Members' post        x    x    -    x    x    x    x
Committee's post     -    x    -    -    -    -    -
Draft post           -    -    -    -    -    -    -
"""


@pytest.fixture
def hidden(monday):
    """What the table above is about: everything is announced, and everybody wants the digest."""
    level = MembershipLevel.objects.create(name="Gold", group=Group.objects.create(name="Gold"))
    open_folder, closed = make_folder("All"), make_folder("Board", groups=("Board",))
    below, of_level = make_folder("Below", parent=closed), make_folder("Level", groups=("Gold",))
    people = {
        "mem": person("mem"), "com": person("com", groups=("Board",)), "lap": person("lap", standing="lapsed"),
        "edi": make_editor_of(open_folder, "edi@example.org"), "adm": make_administrator("adm@example.org"),
        "nam": person("nam"), "lvl": person("lvl"),
    }  # fmt: skip
    Membership.objects.filter(user=people["lvl"]).update(level=level)
    places = {"Open": open_folder, "Closed": closed, "Below closed": below, "For the level": of_level}
    papers = {name: make_note(name, collection=folder) for name, folder in places.items()}
    for name in ("Red", "Embargoed", "Withdrawn"):
        papers[name] = make_note(name, collection=open_folder)
    papers["Waiting"] = make_note("Waiting", collection=open_folder, inspected=False)
    SharedDocument.objects.filter(title="Red").update(marking="TLP:RED")
    papers["Red"].recipients.add(people["nam"])
    SharedDocument.objects.filter(title="Embargoed").update(publish_at=timezone.now() + 30 * DAY)
    publish.withdraw(document=papers["Withdrawn"], by=None, reason="A slip.")
    posts = [make_post(name) for name in ("Post", "Members' post", "Committee's post")]
    posts.append(make_post("Draft post", live=False))
    PageViewRestriction.objects.create(page=posts[1], restriction_type="login")
    closing = PageViewRestriction.objects.create(page=posts[2], restriction_type="groups")
    closing.groups.add(Group.objects.get(name="Board"))
    for thing in (*papers.values(), *posts):
        what = {"paper": thing} if isinstance(thing, SharedDocument) else {"post": thing}
        Announcement.objects.create(at=timezone.now() + DAY, told_at_once=True, **what)
    monday.shift(7 * DAY)
    return people


def titles_for(people) -> dict[str, set[str]]:
    head, *rows = HIDDEN.strip("\n").splitlines()
    names = head.split()
    found = {name: set() for name in names}
    for row in rows:
        for name, word in zip(names, row[21:].split(), strict=True):
            if word == "x":
                found[name].add(row[:21].strip())
    return found


def test_mail_bell_list_and_feed_show_nothing_hidden(hidden, signed_in, client):
    expected = titles_for(hidden)
    every = set().union(*expected.values()) | {"Embargoed", "Withdrawn", "Waiting", "Draft post"}
    mails = told()

    def shown(text: str) -> set[str]:
        lines = {line.strip().removeprefix("TLP:GREEN: ") for line in text.splitlines()}
        found = {title for title in every if title in lines}
        return found | ({"Red"} if "A restricted paper" in text else set())

    for name, user in hidden.items():
        message = mails.get(user.email)
        assert shown(message.body if message else "") == expected[name], name
        page = signed_in(user).get("/members/news/")
        assert page.status_code == (200 if expected[name] else 404)
        preferences.make_feed(user=user)
        address = feed_address(user)
        feed = client.get(address)
        assert feed.status_code == (200 if expected[name] else 404)
        for answer in (page, feed) if expected[name] else ():
            assert answer["Cache-Control"] == "private, no-store"
            text = answer.content.decode().replace("&#x27;", "'").replace(">", ">\n").replace("<", "\n<")
            # An administrator reads every folder in the site, and is mailed as a member.
            more = {"Closed", "Below closed", "For the level", "Red", "Committee's post"} if name == "adm" else set()
            assert shown(text) == expected[name] | more, name
        if expected[name]:
            count = {"adm": "8"}.get(name, str(len(expected[name])))
            assert f'<span class="bell-count">{count}</span>' in page.content.decode()
    # Where every post is for everybody, papers alone are asked about.
    private = {"Members' post", "Committee's post", "Draft post"}
    Announcement.objects.filter(post__title__in=private).delete()
    for name, user in hidden.items():
        left = expected[name] - private
        count = "6" if name == "adm" else str(len(left))
        text = signed_in(user).get("/").content.decode()
        assert (f'<span class="bell-count">{count}</span>' in text) == bool(left), name


def test_bell_counts_for_each_of_two_who_are_alike_what_is_new_to_them(monday, signed_in):
    people = {"seen": person("seen"), "new": person("new")}
    papers = []

    def come_out(title):
        papers.append(make_note(title))
        Announcement.objects.create(at=timezone.now(), paper=papers[-1], told_at_once=True)
        monday.shift(DAY)

    def counts():
        found = {name: signed_in(user).get("/").content.decode() for name, user in people.items()}
        return {name: re.findall('bell-count">([^<]+)', text) for name, text in found.items()}

    monday.shift(DAY)
    come_out("First")
    User.objects.filter(email="seen@example.org").update(news_seen_at=timezone.now())
    monday.shift(DAY)
    assert counts() == {"seen": [], "new": ["1"]}
    come_out("Second")
    assert counts() == {"seen": ["1"], "new": ["2"]}
    publish.withdraw(document=papers[1], by=None, reason="A slip.")
    assert counts() == {"seen": [], "new": ["1"]}
    Membership.objects.filter(user=people["new"]).delete()
    assert counts() == {"seen": [], "new": []}


# --- The editor's side -------------------------------------------------------------------------------------------
def test_editor_sees_how_many_hear_of_a_paper_and_a_post_and_may_hold_them(signed_in):
    people = [person("soon", Pace.AT_ONCE), person("usual"), person("never", Pace.NEVER)]
    preferences.stop(person=person("stopped"))
    client = signed_in(make_administrator("adm@example.org"))
    folder = make_folder("Silent")
    Folder.objects.filter(pk=folder.pk).update(tells_members=False)
    paper, post = make_note("Held", collection=folder), make_post("A post", published_at=timezone.now())
    said = "3 members would hear of it by mail, 1 of them at once."
    text = client.get(f"/admin/documents/edit/{paper.pk}/").content.decode()
    assert f"With “Tell members”, {said}" in text
    assert "who are not told of new papers" in text
    assert f"In a folder for every member, {said}" in client.get("/admin/documents/add/").content.decode()
    assert f"As it is saved, {said}" in client.get(f"/admin/pages/{post.pk}/edit/").content.decode()
    SharedDocument.objects.filter(pk=paper.pk).update(telling=Telling.YES)
    assert f"As it is saved, {said}" in client.get(f"/admin/documents/edit/{paper.pk}/").content.decode()
    SharedDocument.objects.filter(pk=paper.pk).update(telling=Telling.NO)
    form = {
        "title": "Held",
        "collection": folder.pk,
        "marking": "TLP:GREEN",
        "publish_at": "2027-05-31T09:00",
        "tags": "",
    }
    assert client.post(f"/admin/documents/edit/{paper.pk}/", form).status_code == 302
    assert told() == {}
    assert client.post(f"/admin/documents/edit/{paper.pk}/", form | {"telling": "yes"}).status_code == 302
    assert list(told()) == [people[0].email]
    text = client.get(f"/admin/documents/edit/{paper.pk}/").content.decode()
    assert "id_telling" not in text
    assert "Members have been told of this paper; it is not done twice." in text
    announcing.announce_post(post)
    text = client.get(f"/admin/pages/{post.pk}/edit/").content.decode()
    assert "Members have been told of this post; it is not done twice." in text


def test_editor_sees_how_many_visitors_hear_of_a_public_post():
    person("usual")
    post, now = make_post("A post", published_at=timezone.now(), tells_members=False), timezone.now()
    members = "With the tick, 1 member would hear of it by mail, 0 of them at once."
    visitors = "visitors who subscribed to public news would hear of it."
    Subscriber.objects.create(address="unconfirmed@example.org")
    assert audience.said_of_post(post) == members
    for name in ("one", "two", "refused"):
        Subscriber.objects.create(address=f"{name}@example.org", confirmed_at=now - DAY)
    refused = {"state": "refused", "sent_at": now, "address": "refused@example.org"}
    OutgoingMail.objects.create(occasion="a", subject="x", **refused)
    assert audience.said_of_post(post) == f"{members} 2 {visitors}"
    Subscriber.objects.filter(address="two@example.org").delete()
    assert audience.said_of_post(post).endswith(" 1 visitor who subscribed to public news would hear of it.")
    PageViewRestriction.objects.create(page=post, restriction_type="login")
    assert audience.said_of_post(post) == members


def test_secretary_sees_whom_mail_does_not_reach(signed_in):
    user, client = person("gone", last_name="Gone"), signed_in(make_administrator())
    assert "Addresses that refuse our mail" not in client.get("/admin/").content.decode()
    facts = {"state": "refused", "sent_at": timezone.now(), "trouble": "No such user", "subject": "x"}
    OutgoingMail.objects.create(user=user, address=user.email, occasion="a", **facts)
    OutgoingMail.objects.create(user=user, address="old@example.org", occasion="b", **facts)
    page = " ".join(client.get("/admin/").content.decode().split())
    assert "gone@example.org: No such user" in page
    assert "old@example.org" not in page
