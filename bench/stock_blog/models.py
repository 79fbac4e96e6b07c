"""A blog and a page of documents as Wagtail's own tutorial builds them, in the project that `wagtail start` makes.

`bench.stock` copies this application into that project: the same post, the same blocks, the same documents.
"""

from django import forms
from django.core.paginator import Paginator
from django.db import models
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.models import TaggedItemBase
from wagtail import blocks
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.documents import get_document_model
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.fields import StreamField
from wagtail.images.blocks import ImageChooserBlock
from wagtail.models import Collection, Page
from wagtail.search import index
from wagtail.snippets.models import register_snippet

PER_PAGE = 25


@register_snippet
class Author(models.Model):
    name = models.CharField(max_length=255)
    panels = [FieldPanel("name")]

    def __str__(self):
        return self.name


class BlogPageTag(TaggedItemBase):
    content_object = ParentalKey("BlogPage", related_name="tagged_items", on_delete=models.CASCADE)


class PictureBlock(blocks.StructBlock):
    picture = ImageChooserBlock()
    alt = blocks.CharBlock(required=False)
    caption = blocks.CharBlock(required=False)

    class Meta:
        template = "blog/blocks/picture.html"


class HeadingBlock(blocks.StructBlock):
    text = blocks.CharBlock()

    class Meta:
        template = "blog/blocks/heading.html"


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock()
    attribution = blocks.CharBlock(required=False)

    class Meta:
        template = "blog/blocks/quote.html"


class DocumentsBlock(blocks.StructBlock):
    heading = blocks.CharBlock()
    documents = blocks.ListBlock(DocumentChooserBlock())

    class Meta:
        template = "blog/blocks/documents.html"


class AttributionBlock(blocks.StructBlock):
    text = blocks.TextBlock()

    class Meta:
        template = "blog/blocks/attribution.html"


class BlogIndexPage(Page):
    intro = models.TextField(blank=True)

    def get_context(self, request, *args, **kwargs):
        posts = BlogPage.objects.child_of(self).live().order_by("-date", "-pk")
        shown = Paginator(posts, PER_PAGE).get_page(request.GET.get("page"))
        return super().get_context(request, *args, **kwargs) | {"posts": shown}


class BlogPage(Page):
    date = models.DateTimeField("Post date")
    standfirst = models.TextField(blank=True)
    cover = models.ForeignKey("wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    cover_alt = models.CharField(max_length=255, blank=True)
    authors = ParentalManyToManyField(Author, blank=True)
    tags = ClusterTaggableManager(through=BlogPageTag, blank=True)
    body = StreamField(
        [
            ("heading", HeadingBlock()),
            ("text", blocks.RichTextBlock()),
            ("quote", QuoteBlock()),
            ("picture", PictureBlock()),
            ("table", TableBlock()),
            ("documents", DocumentsBlock()),
            ("attribution", AttributionBlock()),
        ]
    )

    search_fields = [*Page.search_fields, index.SearchField("standfirst"), index.SearchField("body")]
    content_panels = [
        *Page.content_panels,
        FieldPanel("date"),
        FieldPanel("standfirst"),
        FieldPanel("cover"),
        FieldPanel("authors", widget=forms.CheckboxSelectMultiple),
        FieldPanel("tags"),
        FieldPanel("body"),
    ]

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        others = BlogPage.objects.live().exclude(pk=self.pk)
        tags = self.tags.all()
        return context | {
            "related": others.filter(tags__in=tags).distinct().order_by("-date")[:3],
            "earlier": others.filter(date__lt=self.date).order_by("-date").first(),
            "later": others.filter(date__gt=self.date).order_by("date").first(),
        }


class FolderPage(Page):
    """The documents of a collection, and how many there are in each."""

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="+")

    def get_context(self, request, *args, **kwargs):
        documents = get_document_model().objects.filter(collection=self.collection).order_by("-created_at", "-pk")
        documents = documents.select_related("uploaded_by_user").prefetch_related("tags")
        counts = dict(get_document_model().objects.values_list("collection").annotate(models.Count("pk")).order_by())
        collections = list(Collection.objects.filter(depth__gt=1).order_by("path"))
        for collection in collections:
            collection.count = counts.get(collection.pk, 0)
        shown = Paginator(documents, PER_PAGE).get_page(request.GET.get("page"))
        return super().get_context(request, *args, **kwargs) | {"documents": shown, "collections": collections}
