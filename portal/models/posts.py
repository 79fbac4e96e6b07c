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
from wagtail.models import Page, PageManager, PageViewRestriction
from wagtail.query import PageQuerySet
from wagtail.search import index

from fileshare.attachments import attachments
from fileshare.models import SharedDocument
from portal import access, discussion
from portal.blocks import MEMBERS_ONLY, BodyField, PostBody, tell_apart, words_of
from portal.forms import CommentForm
from portal.models.pictures import Picture
from portal.models.site_settings import SiteSettings
from portal.models.tags import TaggedPost, links_of
from portal.models.topics import Author, Topic
from portal.models.view_counts import reads_address
from portal.page_meta import meta_of_post
from portal.plain_text import for_xml
from portal.preview import MODES, look_as
from portal.wagtail_remarks import BeforePublishingPanel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wagtail.blocks import StreamValue

WORDS_A_MINUTE = 220
MOST_RELATED = 3
CHANGED = Greatest("published_at", Coalesce("last_published_at", "published_at"))
RESERVED_SLUGS = ("archive", "authors", "cards", "comments", "feed", "reads", "tags", "topics")


def papers_in(blocks: Iterable[StreamValue.StreamChild]) -> list[int]:
    """The keys of the papers that these blocks attach."""
    values = (block.value["documents"] for block in blocks if block.block_type == "documents")
    return [paper.pk for papers in values for paper in papers if paper is not None]


def mark_papers(posts: Iterable[NewsPage]) -> None:
    """Set `has_papers` on posts of a list: whether each attaches a paper that the public may know of. One query."""
    listed = list(posts)
    attached = {key for post in listed for key in post.paper_ids}
    papers = SharedDocument.objects.mentionable_in_public().filter(pk__in=attached)
    known = set(papers.values_list("pk", flat=True)) if attached else set()
    for post in listed:
        post.has_papers = not known.isdisjoint(post.paper_ids)


class NewsPageQuerySet(PageQuerySet):  # type: ignore[misc]  # Wagtail has no types
    def listed(self) -> NewsPageQuerySet:
        """What lists, feeds and the sitemap may name, newest first."""
        out = self.live().filter(~access.is_private(), published_at__lte=timezone.now())
        return out.order_by("-published_at", "-pk")

    def for_cards(self) -> NewsPageQuerySet:
        """With what a list shows of each post, without its text."""
        return self.defer("body", "public_text").prefetch_related("topics")

    def older_than(self, published_at: datetime.datetime, key: int) -> NewsPageQuerySet:
        """Those after this place in the list."""
        # Two conditions, of which the index on the date serves the first; one `OR` would be served by none.
        return self.filter(published_at__lte=published_at).exclude(published_at=published_at, pk__gte=key)

    def newer_than(self, published_at: datetime.datetime, key: int) -> NewsPageQuerySet:
        """Those before this place in the list."""
        return self.filter(published_at__gte=published_at).exclude(published_at=published_at, pk__lte=key)

    def for_lead(self) -> NewsPageQuerySet:
        """With what the front page shows of its first story."""
        return self.for_cards().select_related("cover").prefetch_related("cover__renditions")

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
    authors = ParentalManyToManyField(Author, blank=True, related_name="news_posts")
    topics = ParentalManyToManyField(Topic, blank=True, related_name="news_posts")
    tags = ClusterTaggableManager(through=TaggedPost, blank=True)
    pinned = models.BooleanField(default=False, help_text="Keeps the post at the head of the front page.")
    allows_comments = models.BooleanField(
        "members may comment", default=True, help_text="As far as the site settings allow it."
    )
    body = BodyField(PostBody())
    # Kept beside the body so that lists need not read it; written by `save`.
    reading_minutes = models.PositiveSmallIntegerField(default=1, editable=False)
    paper_ids = models.JSONField(default=list, editable=False)  # attached above the members-only mark
    is_members_only = models.BooleanField(default=False, editable=False)
    public_text = models.TextField(default="", editable=False)  # for search: the words above the members-only mark

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
        FieldPanel("standfirst", help_text="One or two sentences that make people read on; lists show them too."),
        FieldPanel(
            "body",
            help_text="Build the text from blocks. Visitors read as far as the block “Members only from here on”.",
        ),
        FieldPanel("cover", help_text="The front page shows it when the post leads the news. It is mere decoration."),
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
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("standfirst"),
        index.SearchField("public_text"),
        index.FilterField("published_at"),
    ]

    class Meta:
        verbose_name = "post"

    def clean(self) -> None:
        super().clean()
        for name in ("title", "standfirst"):
            setattr(self, name, for_xml(getattr(self, name)))
        if self.slug in RESERVED_SLUGS:
            raise ValidationError({"slug": f"“{self.slug}” is an address of the news list itself; choose another."})

    def save(self, *args: Any, **kwargs: Any) -> Any:
        self._derive()
        return super().save(*args, **kwargs)

    def _derive(self) -> None:
        words = len(words_of(self.body).split())
        kinds = {block.block_type for block in self.body}
        self.reading_minutes = max(1, math.ceil(words / WORDS_A_MINUTE))
        self.paper_ids = papers_in(self.public_blocks())
        self.is_members_only = MEMBERS_ONLY in kinds
        self.public_text = words_of(self.public_blocks())

    def route(self, request: HttpRequest, path_components: list[str]) -> Any:
        if not access.is_out_for(request.user, self):
            raise Http404("Its date has not come.")
        return super().route(request, path_components)

    @cached_property
    def _topics(self) -> list[Topic]:
        return list(self.topics.all())

    @property
    def topics_list(self) -> list[dict[str, str]]:
        return [{"name": topic.name, "url": topic.get_absolute_url()} for topic in self._topics]

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

    def blocks_for(self, request: HttpRequest) -> tuple[list[StreamValue.StreamChild], bool]:
        """The blocks that this reader gets, and whether more follows for members."""
        public = self.public_blocks()
        if len(public) < len(self.body) and not access.may_read_members_part(request.user, self):
            return public, True
        return [block for block in self.body if block.block_type != MEMBERS_ONLY], False

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        look_as(request, mode_name)
        return super().serve_preview(request, mode_name)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        blocks, is_cut = self.blocks_for(request)
        tell_apart(blocks)
        headings = [block.value for block in blocks if block.block_type == "heading"]
        earlier, later = self._neighbours()
        is_preview = getattr(request, "is_preview", False)
        site = SiteSettings.for_request(request)
        return context | {
            "meta": meta_of_post(self, site, address=self.get_url(request) or ""),
            "reads": self.daily_reads.total() if self.pk else 0,
            "reads_url": None if is_preview or self.pk is None else reads_address(self.pk),
            "page_url": self.get_url(request),
            "topics": self.topics_list,
            "tags": links_of(self.tags.all(), NewsPage.objects.listed()),
            "authors": self.authors_list,
            "blocks": blocks,
            "is_cut": is_cut,
            "contents": [{"anchor": heading.anchor, "title": heading["text"]} for heading in headings],
            "attachments_by_id": attachments(request.user, papers_in(blocks)),
            "discussion": discussion.of(self, request),
            "comment_form": CommentForm(initial={"text": discussion.draft(request, self)}),
            "related": self._related(),
            "previous_post": earlier,
            "next_post": later,
        }

    def _neighbours(self) -> tuple[NewsPage | None, NewsPage | None]:
        """The posts just before and just after this one in the list, in one query."""
        here = (self.published_at, self.pk or 0)  # a preview of an unsaved post has no key yet
        # A draft's date has lost its microseconds, so that the post itself would stand beside its own preview.
        listed = NewsPage.objects.listed().exclude(pk=self.pk)
        earlier, later = listed.older_than(*here), listed.newer_than(*here)
        either = models.Q(pk=models.Subquery(earlier.values("pk")[:1])) | models.Q(
            pk=models.Subquery(later.order_by("published_at", "pk").values("pk")[:1])
        )
        found = NewsPage.objects.filter(either).only("title", "url_path", "slug", "published_at")
        before = [post for post in found if (post.published_at, post.pk) < here]
        after = [post for post in found if (post.published_at, post.pk) > here]
        return next(iter(before), None), next(iter(after), None)

    def _related(self) -> list[NewsPage]:
        """The newest others of its topics, in one query."""
        keys = [topic.pk for topic in self._topics]
        shared = NewsPage.topics.through.objects.filter(newspage=models.OuterRef("pk"), topic__in=keys)
        listed = NewsPage.objects.listed().filter(models.Exists(shared)).exclude(pk=self.pk)
        return list(listed.only("title", "url_path", "slug", "published_at")[:MOST_RELATED]) if keys else []

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict[str, Any]]:
        if self.published_at > timezone.now():
            return []  # as `listed` has it
        changed = max(self.published_at, self.last_published_at or self.published_at)
        return [{"location": self.get_full_url(request), "lastmod": changed}]
