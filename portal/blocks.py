"""The blocks that posts and pages are written with."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.template.loader import render_to_string
from django.utils.text import slugify
from wagtail import blocks
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.fields import StreamField
from wagtail.images.blocks import ImageChooserBlock

from fileshare.wagtail_links import PaperChooserBlock
from portal.old_shapes import legible

if TYPE_CHECKING:
    from portal.models import Picture

INLINE = ["bold", "italic", "link"]
MEMBERS_ONLY, PAPERS = "members_only", "documents"  # kinds of blocks
# The table editor knows no British English.
TABLE_OPTIONS = {"language": "en-US"}


class AnchoredValue(blocks.StructValue):  # type: ignore[misc]  # Wagtail has no types
    """A block that the page's address can name."""

    anchored_by = "text"
    anchor_prefix = ""
    repeat = 0  # how many of the same words stand above it on the page; see `tell_apart`

    @property
    def anchor(self) -> str:
        """Its place in the page's address."""
        word = self.anchor_prefix + (slugify(self[self.anchored_by])[:60] or "section")
        return f"{word}-{self.repeat + 1}" if self.repeat else word


class PapersValue(AnchoredValue):
    anchored_by = "heading"
    anchor_prefix = "papers-"


# The `id`s that a post's templates give; a section called “Comments” gets another.
PLACES_OF_THE_PAGE = frozenset({"comments", "comments-title", "contents-title", "id_text", "main", "related", "write"})


def tell_apart(shown: Iterable[blocks.StreamValue.StreamChild]) -> None:
    """Give blocks of the same words on one page places of their own, beside the page's own places."""
    taken = set(PLACES_OF_THE_PAGE)
    for block in shown:
        if isinstance(block.value, AnchoredValue):
            while block.value.anchor in taken:
                block.value.repeat += 1
            taken.add(block.value.anchor)


def papers_in(shown: Iterable[blocks.StreamValue.StreamChild]) -> list[int]:
    """The keys of the papers that these blocks attach."""
    values = (block.value["documents"] for block in shown if block.block_type == PAPERS)
    return [paper.pk for papers in values for paper in papers if paper is not None]


def words_of(shown: Iterable[blocks.StreamValue.StreamChild]) -> str:
    """What a reader could search for in these blocks, without markup and without the papers."""
    return " ".join(text for block in shown for text in block.block.get_searchable_content(block.value))


class HeadingBlock(blocks.StructBlock):
    text = blocks.CharBlock(max_length=140, label="Heading")

    class Meta:
        icon = "title"
        value_class = AnchoredValue
        template = "blocks/heading.html"


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label="Quotation")
    attribution = blocks.CharBlock(required=False, help_text="Who said or wrote it, and where.")

    class Meta:
        icon = "openquote"
        template = "blocks/quote.html"


class PictureChooserBlock(ImageChooserBlock):  # type: ignore[misc]  # Wagtail has no types
    """Fetches all pictures' renditions at once."""

    def bulk_to_python(self, values: list[int]) -> list[Picture | None]:
        from portal.models.pictures import fetch  # noqa: PLC0415 -- posts are made of blocks

        found = fetch(values)
        return [found.get(value) for value in values]


def pictures_in(stored: Iterable[Any]) -> set[int]:
    """The keys of the pictures in blocks as they are stored."""
    values = [each["value"] for each in stored if each["type"] == "picture"]
    for gallery in (each["value"] for each in stored if each["type"] == "gallery"):
        values += [item.get("value", item) for item in gallery.get("pictures", [])]
    return {value["picture"] for value in values if value.get("picture")}


class PictureBlock(blocks.StructBlock):
    picture = PictureChooserBlock()
    alt = blocks.CharBlock(
        required=False,
        default="",  # for pictures from before it could be written
        max_length=200,
        label="Alternative text",
        help_text="What the picture shows, for people who do not see it. Leave empty only for mere decoration.",
    )
    caption = blocks.CharBlock(required=False, max_length=250)

    class Meta:
        icon = "image"
        template = "blocks/picture.html"


class GalleryBlock(blocks.StructBlock):
    # Begins with the two places that it needs: with one it would be refused while somebody still writes.
    pictures = blocks.ListBlock(PictureBlock(), min_num=2, default=[{"picture": None, "alt": "", "caption": ""}] * 2)

    class Meta:
        icon = "image"
        template = "blocks/gallery.html"


class PostTableBlock(TableBlock):
    """Wagtail's table, shown with our component: a caption, a header row, and a region that scrolls."""

    def render(self, value: dict[str, Any] | None, context: dict[str, Any] | None = None) -> str:
        table = value or {}
        rows = [[cell or "" for cell in row] for row in table.get("data") or []]
        has_header = bool(table.get("first_row_is_table_header")) and bool(rows)
        shown = {
            "caption": table.get("table_caption") or "",
            "header_cells": rows[0] if has_header else [],
            "body_rows": rows[1:] if has_header else rows,
        }
        return render_to_string("blocks/table.html", {"value": shown})

    class Meta:
        icon = "table"
        help_text = "With the keyboard: arrows move, Enter writes, Escape leaves the table."


class DocumentsBlock(blocks.StructBlock):
    """Papers of the file share beside a post. What a reader sees of each is decided when the page is shown."""

    heading = blocks.CharBlock(default="The full documents", max_length=80)
    documents = blocks.ListBlock(PaperChooserBlock(), min_num=1, label="Papers")

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        known = (parent_context or {}).get("attachments_by_id", {})
        ids = [paper.pk for paper in value["documents"] if paper is not None]
        context["attachments"] = [known[each] for each in ids if each in known]
        return context

    class Meta:
        icon = "doc-full"
        value_class = PapersValue
        template = "blocks/documents.html"


class AttributionBlock(blocks.StructBlock):
    text = blocks.TextBlock(help_text="To whom the information belongs, and under which terms it is used.")

    class Meta:
        icon = "info-circle"
        template = "blocks/attribution.html"


class CalloutBlock(blocks.StructBlock):
    heading = blocks.CharBlock(required=False, max_length=80)
    text = blocks.RichTextBlock(features=[*INLINE, "ol", "ul"])

    class Meta:
        icon = "warning"
        label = "Call-out"
        template = "blocks/callout.html"


class ButtonBlock(blocks.StructBlock):
    """A way on, to a page of this site or to another site."""

    label = blocks.CharBlock(max_length=60)
    page = blocks.PageChooserBlock(required=False, help_text="A page of this site …")
    address = blocks.URLBlock(required=False, help_text="… or the full address of another site's page.")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if bool(cleaned["page"]) == bool(cleaned["address"]):
            problem = ValidationError("Choose a page or give an address, one of the two.")
            raise blocks.StructBlockValidationError(block_errors={"address": problem})
        return cleaned

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        page = value["page"]
        # A page that is not published, or is gone, has no address to lead to.
        context["leads_to"] = (page.url if page.live else "") if page else value["address"]
        return context

    class Meta:
        icon = "link"
        template = "blocks/button.html"


class LinkCardBlock(blocks.StructBlock):
    """A film, a talk or a page elsewhere, as a card. Nothing of the other site is loaded here."""

    address = blocks.URLBlock(help_text="The full address, beginning with https://")
    title = blocks.CharBlock(max_length=140)
    description = blocks.CharBlock(required=False, max_length=250)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        context["host"] = (urlsplit(value["address"]).hostname or "").removeprefix("www.")
        return context

    class Meta:
        icon = "media"
        label = "Link to a film or a page elsewhere"
        template = "blocks/link_card.html"


class MembersOnlyBlock(blocks.StaticBlock):
    """From here on, the post is for members. Everything below it leaves the server for them alone."""

    class Meta:
        icon = "lock"
        label = "Members only from here on"
        admin_text = "Everything below this line is shown to current members only."


class PostBody(blocks.StreamBlock):
    heading = HeadingBlock()
    text = blocks.RichTextBlock(features=[*INLINE, "ol", "ul"], template="blocks/text.html")
    quote = QuoteBlock()
    picture = PictureBlock()
    gallery = GalleryBlock()
    table = PostTableBlock(table_options=TABLE_OPTIONS)
    callout = CalloutBlock()
    link_card = LinkCardBlock()
    button = ButtonBlock()
    documents = DocumentsBlock()
    attribution = AttributionBlock()
    members_only = MembersOnlyBlock()

    def clean(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        cleaned = super().clean(value, *args, **kwargs)
        if sum(block.block_type == MEMBERS_ONLY for block in cleaned) > 1:
            raise blocks.StreamBlockValidationError(
                non_block_errors=[ValidationError("A post can be cut into a public and a members' part only once.")]
            )
        return cleaned


class BodyField(StreamField):  # type: ignore[misc]  # Wagtail has no types
    """A StreamField whose blocks stay out of migrations: they change often, and the database does not with them.

    What was stored for other blocks is read all the same, from the table as from a revision, which keeps it as text.
    """

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        stored = self.json_field.from_db_value(value, expression, connection)
        return self.to_python(stored if stored is None else legible(stored, self.stream_block))

    def to_python(self, value: Any) -> Any:
        return super().to_python(legible(_read(value), self.stream_block) if isinstance(value, str) else value)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, _args, kwargs = super().deconstruct()
        kwargs.pop("block_lookup", None)
        return name, path, [[]], kwargs


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:  # from before it was a body of blocks
        return text


class PageBody(blocks.StreamBlock):
    """What standard pages are written with."""

    heading = HeadingBlock()
    text = blocks.RichTextBlock(features=[*INLINE, "ol", "ul"], template="blocks/text.html")
    quote = QuoteBlock()
    picture = PictureBlock()
    table = PostTableBlock(table_options=TABLE_OPTIONS)
    callout = CalloutBlock()
    button = ButtonBlock()


class SocialLinkBlock(blocks.StructBlock):
    """A page of the association on another site."""

    label = blocks.CharBlock(max_length=40, help_text="What people read, such as “LinkedIn”.")
    address = blocks.CharBlock(
        max_length=300,
        validators=[
            URLValidator(
                schemes=["https"],
                message="Please write the whole address; it begins with https://, as in https://social.example/us.",
            )
        ],
        help_text="The whole address, which begins with https://.",
    )

    class Meta:
        icon = "link"


class SocialLinks(blocks.StreamBlock):
    """Where else the association can be found."""

    link = SocialLinkBlock()

    class Meta:
        max_num = 8
