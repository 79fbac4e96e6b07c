"""What the worker does for the site. A task takes ids, may run twice, and delegates."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks import task
from wagtail.contrib.forms.models import FormSubmission

from fileshare.models import SharedDocument
from members.models import User
from portal import edge
from portal.models import Author, Comment, NewsPage
from portal.notifications import comments, contact, sending
from portal.preview import MEMBER
from portal.search import index


@task()
def mail_about_comment(comment_id: int) -> None:
    """Decide once who hears of it. Each mail is a task of its own, so that one's failure does not repeat others."""
    with transaction.atomic():
        comment = Comment.objects.select_for_update(no_key=True).on_site().filter(pk=comment_id, mailed_at=None).first()
        if comment is None:
            return
        Comment.objects.filter(pk=comment.pk).update(mailed_at=timezone.now())
        for author in comments.authors_to_tell(comment):
            mail_author.enqueue(comment.pk, author.pk)
        for member in comments.members_to_tell(comment):
            mail_member.enqueue(comment.pk, member.pk)


@task()
def mail_author(comment_id: int, author_id: int) -> None:
    """Nothing about a comment that was taken back in the meantime."""
    comment, author = _comment(comment_id), Author.objects.filter(pk=author_id).first()
    if comment and author:
        comments.tell_author(comment, author)


@task()
def mail_member(comment_id: int, user_id: int) -> None:
    """Nothing about a comment that was taken back in the meantime."""
    comment, member = _comment(comment_id), User.objects.filter(pk=user_id).first()
    if comment and member:
        comments.tell_member(comment, member)


@task()
def mail_contact_message(message_id: int) -> None:
    """One mail to the receivers of the page. Nothing about a message that somebody has deleted since."""
    message = FormSubmission.objects.filter(pk=message_id).first()
    if message:
        contact.tell_receivers(message)


@task(priority=-50)  # papers that wait for their inspection, and mails, go before
def draw_pictures(post_id: int) -> None:
    """Make the pictures of a new post in all their sizes, there and on the lists: no reader waits until they are."""
    post = NewsPage.objects.live().filter(pk=post_id).first()
    if post is None:
        return
    post.make_preview_request(preview_mode=MEMBER)
    for above in post.get_ancestors().live().filter(depth__gt=1).specific():
        above.make_preview_request(preview_mode=above.default_preview_mode)


@task(priority=-20)  # before pictures; papers that wait for their inspection, and mails, go before
def index_paper(document_id: int) -> None:
    """Have the search find a paper as it is now."""
    index.write_papers([document_id])


@task(priority=-20)
def index_page(page_id: int) -> None:
    """The same for a post or a page."""
    index.write_pages([page_id])


@task(priority=-50)
def index_papers_of(organisation_id: int) -> None:
    """Those that name a source which has another name now."""
    index.write_papers_in(SharedDocument.objects.filter(source=organisation_id))


@task(priority=-50)
def index_posts_of(topic_id: int | None, author_id: int | None) -> None:
    """Those that name a topic or an author whose name has changed."""
    index.write_pages_in(NewsPage.objects.filter(Q(topics=topic_id) if topic_id else Q(authors=author_id)))


@task(priority=-10)  # letters to one person, and papers that wait for their inspection, go before
def send_news(run_id: int) -> None:
    """The next batch of a mail to many."""
    sending.send_batch(run_id=run_id)


@task(priority=-10)
def send_news_again(run_id: int, to_visitors: bool, person_id: int) -> None:
    """The mail to one of many for whom the mail server asked for patience."""
    sending.send_again(run_id=run_id, to_visitors=to_visitors, person_id=person_id)


@task()
def purge_edge() -> None:
    """After a change of what the public reads."""
    edge.purge()


def _comment(comment_id: int) -> Comment | None:
    return Comment.objects.on_site().with_people().filter(pk=comment_id).first()
