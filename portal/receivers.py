"""What a change brings with it: whatever is saved or deleted of what the public sees makes the kept pages old, and the
pictures of a post that comes out are made."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save
from taggit.models import Tag, TaggedItem
from wagtail.contrib.redirects.models import Redirect
from wagtail.images.models import AbstractImage
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction, Site
from wagtail.signals import page_published, post_page_move

from fileshare import signals
from fileshare.models import DocumentVersion, Folder, SharedDocument
from members import signals as register
from members.models import Membership, Organisation, User
from portal import freshness
from portal.models import (
    Announcement,
    Author,
    Comment,
    NewsPage,
    PostTag,
    SiteSettings,
    StandardPage,
    TaggedPost,
    Topic,
)
from portal.search import index

SHOWN: tuple[type[Model], ...] = (
    *(Page, PageViewRestriction, Site, Redirect, AbstractImage, SiteSettings, Topic, Author, Comment),
    *(PostTag, TaggedPost, Announcement, Tag, TaggedItem),
    *(SharedDocument, DocumentVersion, Folder, Collection, CollectionViewRestriction),
    *(Organisation, Membership, User),
)
SEARCHED = (NewsPage, StandardPage)
SEARCHED_OF_PAPERS = frozenset({"title", "description", "source", "source_id", "current_version", "current_version_id"})
# What saving a draft and signing in write beside the thing itself.
UNSEEN = frozenset({"latest_revision", "latest_revision_id", "draft_title", "has_unpublished_changes", "last_login"})
UNSEEN_OF_PAGES = UNSEEN | {"latest_revision_created_at", "go_live_at", "expire_at", "approved_schedule"}


def _changed(
    sender: type[Model], update_fields: frozenset[str] | None = None, raw: bool = False, **kwargs: Any
) -> None:
    if not issubclass(sender, SHOWN):
        return
    if update_fields and UNSEEN_OF_PAGES.issuperset(update_fields):
        return
    freshness.expire()


def _related(sender: type[Model], action: str, **kwargs: Any) -> None:
    if action.startswith("post_"):
        freshness.expire()


def _many_changed(sender: type[Model], **kwargs: Any) -> None:
    freshness.expire()


def _published(sender: type[Model], instance: Page, **kwargs: Any) -> None:
    from portal.notifications import announcing  # noqa: PLC0415 -- as the tasks
    from portal.tasks import draw_pictures  # noqa: PLC0415 -- the tasks want every app's models

    if isinstance(instance, NewsPage):
        draw_pictures.enqueue(instance.pk)
        announcing.announce_post(instance)


def _page_saved(
    sender: type[Model], instance: Any, update_fields: frozenset[str] | None = None, raw: bool = False, **kwargs: Any
) -> None:
    """Also when it is taken down; what of it may be read is asked when somebody searches."""
    from portal.tasks import index_page  # noqa: PLC0415 -- the tasks want every app's models

    if raw or not isinstance(instance, SEARCHED):
        return
    if not (update_fields and UNSEEN_OF_PAGES.issuperset(update_fields)):
        index.forget_former_page(instance)
        index_page.enqueue(instance.pk)  # a row of the queue, so that it comes and goes with the change


def _paper_saved(
    sender: type[Model], instance: SharedDocument, created: bool = False,
    update_fields: frozenset[str] | None = None, raw: bool = False, **kwargs: Any,
) -> None:  # fmt: skip
    """Within the change: the worker may come late, and neither what a replaced file said nor a title that was taken
    back may answer until then."""
    if not (raw or created) and (update_fields is None or not SEARCHED_OF_PAPERS.isdisjoint(update_fields)):
        index.forget_former_paper(instance.pk)


def _paper_changed(document_id: int, **kwargs: Any) -> None:
    from portal.tasks import index_paper  # noqa: PLC0415 -- as above

    index_paper.enqueue(document_id)


def _renamed(
    sender: type[Model], instance: Any, created: bool = False, raw: bool = False, **kwargs: Any
) -> None:  # fmt: skip
    """Whatever names it is to be found by its new name."""
    from portal.tasks import index_papers_of, index_posts_of  # noqa: PLC0415 -- as above

    if created or raw:
        return
    if isinstance(instance, Organisation):
        if instance.papers.exists():
            index_papers_of.enqueue(instance.pk)
    else:
        topic, author = (instance.pk, None) if isinstance(instance, Topic) else (None, instance.pk)
        index_posts_of.enqueue(topic, author)


def connect() -> None:
    """Called once, when the apps are ready."""
    post_save.connect(_changed, dispatch_uid="portal.freshness.saved")
    post_delete.connect(_changed, dispatch_uid="portal.freshness.deleted")
    m2m_changed.connect(
        _related, sender=CollectionViewRestriction.groups.through, dispatch_uid="portal.freshness.groups"
    )
    register.many_changed.connect(_many_changed, dispatch_uid="portal.freshness.many")
    post_page_move.connect(_changed, dispatch_uid="portal.freshness.moved")
    post_save.connect(_page_saved, dispatch_uid="portal.search.saved")
    post_save.connect(_paper_saved, sender=SharedDocument, dispatch_uid="portal.search.paper_saved")
    for model in (Organisation, Topic, Author):
        post_save.connect(_renamed, sender=model, dispatch_uid="portal.search.renamed")
    for signal in (signals.version_published, signals.document_changed, signals.text_made):
        signal.connect(_paper_changed, dispatch_uid="portal.search.paper")
    page_published.connect(_published, dispatch_uid="portal.pictures.published")
