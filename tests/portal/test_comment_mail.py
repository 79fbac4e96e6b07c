"""Who hears of a new comment by mail: who wants to, and may read it; once."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import PageViewRestriction

from portal.models import Author, Comment, NewsPage, SiteSettings
from portal.services import comments
from portal.tasks import mail_about_comment, mail_author, mail_member
from tests.factories import make_administrator, make_member, make_post
from tests.portal.reading import set_site, soup_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(db) -> SiteSettings:
    return set_site(organisation_name="Safe Places", hold_first_comment=False)


def write(post, author, text="A few words.", *, wants_mail=False) -> Comment:
    return comments.write(post=post, author=author, text=text, site=SiteSettings.objects.get(), wants_mail=wants_mail)


def run_queue() -> None:
    """What the worker would do, until nothing is left."""
    tasks = {each.module_path: each for each in (mail_about_comment, mail_author, mail_member)}
    while waiting := list(DBTaskResult.objects.ready().filter(task_path__in=tasks).order_by("enqueued_at")):
        for each in waiting:
            tasks[each.task_path].func(*each.args_kwargs["args"])
            each.delete()


def told() -> list[str]:
    run_queue()
    found = sorted(address for message in mail.outbox for address in message.to)
    mail.outbox.clear()
    return found


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_authors_and_earlier_commenters_who_want_it_are_told_once(on_commit):
    author = Author.objects.create(name="A", slug="a", email_for_comments="Author@example.org")
    post = make_post("Words\nof news", authors=[author, Author.objects.create(name="B", slug="b")])
    wants, not_now, new = (
        make_member("wants@example.org"),
        make_member(),
        make_member("new@example.org", first_name="Nia"),
    )
    lapsed = make_member("lapsed@example.org")
    with on_commit():
        for person in (wants, lapsed):
            write(post, person, wants_mail=True)
        write(post, not_now)
        write(make_post(), make_member("elsewhere@example.org"), wants_mail=True)
    run_queue()
    mail.outbox.clear()
    lapsed.membership.decision = "suspended"
    lapsed.membership.reason = "A reason."
    lapsed.membership.save()
    with on_commit():
        made = write(post, new, "Something <new> & true.", wants_mail=True)
    mail_about_comment.func(made.pk)
    mail_about_comment.func(made.pk)
    run_queue()
    messages = {message.to[0]: message for message in mail.outbox}
    assert sorted(each.to[0] for each in mail.outbox) == ["Author@example.org", "wants@example.org"]
    message = messages["wants@example.org"]
    assert message.subject == "New comment: Words of news"
    assert "Nia Person has commented on" in message.body
    assert "Something <new> & true." in message.body
    assert f"{post.full_url}#comment-{made.pk}" in message.body
    assert "Stop mail about this post" in message.body
    assert "Stop mail about this post" not in messages["Author@example.org"].body
    assert message.extra_headers == {"Auto-Submitted": "auto-generated"}


def test_held_comment_is_told_of_when_it_appears_and_not_again(site, on_commit):
    post, wants = make_post(), make_member("wants@example.org")
    with on_commit():
        write(post, wants, wants_mail=True)
    site.hold_first_comment = True
    site.save()
    with on_commit():
        made = write(post, make_member())
    assert told() == []
    editor = make_administrator()
    with on_commit():
        comments.approve(comment=made, by=editor)
    assert told() == ["wants@example.org"]
    with on_commit():
        comments.remove(comment=made, by=editor, reason="A slip.")
        comments.approve(comment=made, by=editor)
    assert told() == []


def test_comment_taken_back_before_the_mail_goes_is_not_mailed(on_commit):
    post, author = make_post(), make_member()
    with on_commit():
        write(post, make_member("wants@example.org"), wants_mail=True)
        made = write(post, author)
    comments.withdraw(comment=made, by=author)
    assert told() == []


def test_member_stops_the_mail_below_the_post(signed_in, on_commit):
    post, wants = make_post(), make_member("wants@example.org")
    client = signed_in(wants)
    with on_commit():
        write(post, wants, wants_mail=True)
    form = soup_of(client, post.url).select("#comments form")[-1]
    assert form["action"] == f"/news/comments/{post.pk}/no-mail/"
    assert client.get(form["action"]).status_code == 405
    assert client.post(form["action"]).status_code == 302
    with on_commit():
        write(post, make_member())
    assert told() == []
    assert "Stop mail" not in str(soup_of(client, post.url))


@pytest.mark.parametrize("closed", ["to a group", "by a password", "taken down", "until later"])
def test_nobody_is_told_of_comments_on_a_post_that_was_closed_to_them(on_commit, closed):
    """The mail has the post's title and the comment's words."""
    post, outside = make_post(), make_member("outside@example.org")
    inside = make_member("inside@example.org", groups=("Committee",))
    write(post, outside, wants_mail=True)
    write(post, inside, wants_mail=True)
    if closed == "to a group":
        kept = PageViewRestriction.objects.create(page=post.page_ptr, restriction_type=PageViewRestriction.GROUPS)
        kept.groups.add(Group.objects.get(name="Committee"))
    if closed == "by a password":
        PageViewRestriction.objects.create(
            page=post.page_ptr, restriction_type=PageViewRestriction.PASSWORD, password="x"
        )
    made = write(post, make_administrator())
    if closed == "taken down":
        NewsPage.objects.filter(pk=post.pk).update(live=False)
    if closed == "until later":
        NewsPage.objects.filter(pk=post.pk).update(published_at=timezone.now() + datetime.timedelta(days=1))
    mail_about_comment.func(made.pk)
    for person in (outside, inside):
        mail_member.func(made.pk, person.pk)
    assert told() == (["inside@example.org", "inside@example.org"] if closed == "to a group" else [])
