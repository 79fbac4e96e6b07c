"""A post."""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Coalesce, Greatest
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, TitleFieldPanel
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.models import Page, PageManager, PageViewRestriction
from wagtail.query import PageQuerySet
from wagtail.search import index

from fileshare.attachments import attachments
from fileshare.models import SharedDocument
from members.plain_text import for_xml
from portal import access, discussion
from portal.blocks import MEMBERS_ONLY, BodyField, PostBody, papers_in, pictures_in, words_of
from portal.forms import CommentForm
from portal.models.around import around
from portal.models.body import body_for
from portal.models.pictures import Picture
from portal.models.places import PostAuthor, PostTopic
from portal.models.tags import TaggedPost
from portal.models.topics import Author, Topic
from portal.models.view_counts import reads_address
from portal.preview import MODES, look_as
from portal.wagtail_remarks import BeforePublishingPanel
from portal.wagtail_telling import TellingPanel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wagtail.blocks import StreamValue

WORDS_A_MINUTE = 220
CHANGED = Greatest("published_at", Coalesce("last_published_at", "published_at"))
RESERVED_SLUGS = ("archive", "authors", "cards", "comments", "feed", "reads", "tags", "topics")


class _Whole(AdminAutoHeightTextInput):  # type: ignore[misc]  # Wagtail has no types
    """Without `maxlength`, with which browsers drop the end of what is pasted: the form says what is too long."""

    def build_attrs(self, *args: Any, **options: Any) -> dict[str, Any]:
        return {name: value for name, value in super().build_attrs(*args, **options).items() if name != "maxlength"}


def mark_papers(posts: Iterable[NewsPage]) -> None:
    """Set `has_papers` on posts of a list: whether each attaches a paper that the public may know of. One query."""
    listed = list(posts)
    attached = {key for post in listed for key in post.paper_ids}
    papers = SharedDocument.objects.mentionable_in_public().filter(pk__in=attached)
    known = set(papers.values_list("pk", flat=True)) if attached else set()
    for post in listed:
        post.has_papers = not known.isdisjoint(post.paper_ids)


class NewsPageQuerySet(PageQuerySet):  # type: ignore[misc]  # Wagtail has no types
    def out(self, now: datetime.datetime | None = None) -> NewsPageQuerySet:
        """Those that somebody may read now, be they private."""
        return self.live().filter(published_at__lte=now or timezone.now())

    def listed(self, now: datetime.datetime | None = None) -> NewsPageQuerySet:
        """What lists, feeds and the sitemap may name, newest first."""
        return self.out(now).filter(~access.is_private()).order_by("-published_at", "-pk")

    def dated(self, start: datetime.datetime, end: datetime.datetime) -> NewsPageQuerySet:
        """From `start` on, and before `end`."""
        return self.filter(published_at__gte=start, published_at__lt=end)

    def placed(self, places: str, of: models.Q, where: models.Q) -> NewsPageQuerySet:
        """Those in the list of a topic, an author or a tag, in the order of `listed`; see `portal.models.places`."""
        placed = self.alias(place=models.FilteredRelation(places, condition=of))
        # In one `filter`, since a second one would look for a second place.
        out = placed.filter(where, place__published_at__lte=timezone.now())
        return out.order_by("-place__published_at", "-pk")

    def for_cards(self) -> NewsPageQuerySet:
        """With what a list shows of each post, without its text."""
        return self.defer("body", "public_text").prefetch_related("topics")

    def with_covers(self) -> NewsPageQuerySet:
        return self.select_related("cover").prefetch_related("cover__renditions")

    def lead(self) -> NewsPage | None:
        """The front page's first story: the newest that is pinned, else the newest; each by an index of its own."""
        posts = self.for_cards().with_covers()
        return posts.filter(pinned=True).first() or posts.first()

    def newest_change(self) -> datetime.datetime | None:
        """When any of them was last published, anew or for the first time."""
        newest: datetime.datetime | None = self.aggregate(newest=models.Max(CHANGED))["newest"]
        return newest

    def for_feed(self) -> NewsPageQuerySet:
        return self.for_cards().prefetch_related("authors")


class NewsPage(Page):
    """A post: for everybody, for members, or for everybody down to a marked place."""

    standfirst = models.TextField(max_length=400, help_text="One or two sentences that make people read on.")
    published_at = models.DateTimeField(
        "date", default=timezone.now, db_index=True, help_text="The date that readers see; lists are in this order."
    )
    cover = models.ForeignKey(Picture, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    cover_alt = models.CharField(
        "what the cover shows",
        max_length=200,
        blank=True,
        help_text="For people who do not see it. Leave empty only for mere decoration.",
    )
    authors = ParentalManyToManyField(Author, blank=True, related_name="news_posts", through=PostAuthor)
    topics = ParentalManyToManyField(Topic, blank=True, related_name="news_posts", through=PostTopic)
    tags = ClusterTaggableManager(through=TaggedPost, blank=True)
    pinned = models.BooleanField(default=False, help_text="Keeps the post at the head of the front page.")
    allows_comments = models.BooleanField(
        "members may comment", default=True, help_text="As far as the site settings allow it."
    )
    tells_members = models.BooleanField(
        "tell members",
        default=True,
        help_text="By mail, at the pace that each has chosen, and on the site; once, when the post appears.",
    )
    body = BodyField(PostBody())
    # Kept beside the body so that lists need not read it; written by `save`.
    reading_minutes = models.PositiveSmallIntegerField(default=1, editable=False)
    paper_ids = models.JSONField(default=list, editable=False)  # attached above the members-only mark
    is_members_only = models.BooleanField(default=False, editable=False)
    public_text = models.TextField(default="", editable=False)  # for search: the words above the members-only mark
    month = models.DateField(default=timezone.localdate, editable=False, db_index=True)  # by its first day

    has_papers = False  # set by `mark_papers` for the posts of a list

    template = "pages/news_page.html"
    parent_page_types: ClassVar[list[str]] = ["portal.NewsIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    preview_modes: ClassVar[list[tuple[str, str]]] = MODES
    objects = PageManager.from_queryset(NewsPageQuerySet)()

    # In the order in which a post is written.
    content_panels = [
        BeforePublishingPanel(heading="Before you publish", icon="glasses"),
        TitleFieldPanel("title", help_text="The headline, above the post and in every list."),
        FieldPanel(
            "standfirst",
            widget=_Whole,
            help_text="One or two sentences that make people read on; lists show them too.",
        ),
        FieldPanel(
            "body",
            help_text="Build the text from blocks. Visitors read as far as the block “Members only from here on”.",
        ),
        MultiFieldPanel(
            [
                FieldPanel("cover", help_text="Stands above the post, in lists, and on the front page."),
                FieldPanel("cover_alt"),
            ],
            heading="Cover",
        ),
        MultiFieldPanel(
            [
                FieldPanel(
                    "topics", widget=forms.CheckboxSelectMultiple, help_text="Each topic has a list and a feed."
                ),
                FieldPanel(
                    "authors",
                    widget=forms.CheckboxSelectMultiple,
                    help_text="Whoever is missing here can be added under News → Authors.",
                ),
                FieldPanel("tags", help_text="Words by which readers find more, at the foot of the post. Write any."),
            ],
            heading="Topics, authors and tags",
        ),
        MultiFieldPanel([FieldPanel("published_at"), FieldPanel("pinned")], heading="Place in the lists"),
        FieldPanel("allows_comments", heading="Comments"),
        TellingPanel(
            "tells_members",
            heading="Telling members",
            help_text="By mail, at the pace that each has chosen, and on the site; once, when the post appears.",
        ),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("standfirst"),
        index.SearchField("public_text"),
        index.FilterField("published_at"),
    ]

    class Meta:
        verbose_name = "post"
        indexes = [models.Index(fields=["published_at"], condition=models.Q(pinned=True), name="pinned_posts")]

    def clean(self) -> None:
        super().clean()
        for name in ("title", "standfirst"):
            setattr(self, name, for_xml(getattr(self, name)))
        if self.slug in RESERVED_SLUGS:
            raise ValidationError({"slug": f"“{self.slug}” is an address of the news list itself; choose another."})

    def save(self, *args: Any, **kwargs: Any) -> Any:
        self._derive()
        saved = super().save(*args, **kwargs)
        for places in (self.of_topics, self.by_authors, TaggedPost.objects.filter(content_object=self)):
            places.exclude(published_at=self.published_at).update(published_at=self.published_at)
        return saved

    def _derive(self) -> None:
        words = len(words_of(self.body).split())
        kinds = {block.block_type for block in self.body}
        self.reading_minutes = max(1, math.ceil(words / WORDS_A_MINUTE))
        self.paper_ids = papers_in(self.public_blocks())
        self.is_members_only = MEMBERS_ONLY in kinds
        self.public_text = words_of(self.public_blocks())
        self.month = timezone.localdate(self.published_at).replace(day=1)

    def route(self, request: HttpRequest, path_components: list[str]) -> Any:
        if not access.is_out_for(request.user, self):
            raise Http404("Its date has not come.")
        return super().route(request, path_components)

    @cached_property
    def topics_known(self) -> list[Topic]:
        return list(self.topics.all())

    @property
    def topics_list(self) -> list[dict[str, str]]:
        return [{"name": topic.name, "url": topic.get_absolute_url()} for topic in self.topics_known]

    @property
    def topic(self) -> dict[str, str] | None:
        """The first topic, for lists."""
        return next(iter(self.topics_list), None)

    @cached_property
    def authors_list(self) -> list[Author]:
        return list(self.authors.all())

    @property
    def updated_at(self) -> datetime.datetime | None:
        """When it was changed after readers had it, if that was on a later day."""
        first, last = self.first_published_at, self.last_published_at
        if first is None or last is None or last <= first:
            return None
        is_later = timezone.localdate(last) > max(timezone.localdate(first), timezone.localdate(self.published_at))
        return last if is_later else None

    def get_view_restrictions(self) -> Any:
        """As Wagtail's; not asked again for a post of which it is known already (`HomePage.route`).

        An alias is as private as the post that it shows.
        """
        if self.alias_of_id is None and self.__dict__.get("is_private") is False:
            return PageViewRestriction.objects.none()
        return super().get_view_restrictions()

    def public_blocks(self) -> list[StreamValue.StreamChild]:
        """The blocks above the members-only mark: all of them where there is none."""
        blocks = list(self.body)  # not `is_members_only`, which a preview of an unsaved post has not written yet
        cut = next((place for place, block in enumerate(blocks) if block.block_type == MEMBERS_ONLY), len(blocks))
        return blocks[:cut]

    def picture_ids(self) -> set[int]:
        """Of the cover and of the body's pictures."""
        return {*pictures_in(self.body.raw_data), *([self.cover_id] if self.cover_id else [])}

    def _reads(self) -> int:
        """How often it was read; known already where the page was found by its address (`HomePage.route`)."""
        known: int | None = self.__dict__.get("reads_so_far")
        if known is None:
            known = self.daily_reads.total() if self.pk else 0
        return known

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        look_as(request, mode_name)
        return super().serve_preview(request, mode_name)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        shown = body_for(self, request)
        known = around(self, request)
        is_preview = getattr(request, "is_preview", False)
        return context | {
            "meta": known.meta,
            "cover": shown.cover,
            "reads": self._reads(),
            "reads_url": None if is_preview or self.pk is None else reads_address(self.pk),
            "page_url": self.get_url(request),
            "topics": known.topics,
            "tags": known.tags,
            "authors": known.authors,
            "blocks": shown.parts,
            "is_cut": shown.is_cut,
            "contents": shown.contents,
            "attachments_by_id": attachments(request.user, shown.paper_ids),
            "discussion": discussion.of(self, request),
            "comment_form": CommentForm(initial={"text": discussion.draft(request, self)}),
            "related": known.beside.related,
            "previous_post": known.beside.earlier,
            "next_post": known.beside.later,
        }

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict[str, Any]]:
        if self.published_at > timezone.now():
            return []  # as `listed` has it
        changed = max(self.published_at, self.last_published_at or self.published_at)
        return [{"location": self.get_full_url(request), "lastmod": changed}]
