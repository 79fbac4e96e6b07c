"""What posts are tagged with. A table of its own: the tags of papers are as confidential as the papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.text import slugify
from modelcluster.fields import ParentalKey
from taggit.models import ItemBase, TagBase

from portal.models.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterable


class PostTag(TagBase):  # type: ignore[misc]  # taggit has no types
    """A word that editors make by writing it."""

    class Meta:
        verbose_name = "tag of posts"
        verbose_name_plural = "tags of posts"

    def slugify(self, tag: str, i: int | None = None) -> str:
        """In the letters that addresses of this site are made of."""
        slug = slugify(tag)[:90] or "tag"
        return slug if i is None else f"{slug}-{i}"

    def get_absolute_url(self) -> str:
        """The list of its posts; there is one news list, below the front page."""
        return f"/news/tags/{self.slug}/"


class TaggedPost(Place, ItemBase):  # type: ignore[misc]  # taggit has no types
    """That a post has a tag."""

    content_object = ParentalKey("portal.NewsPage", on_delete=models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(PostTag, on_delete=models.CASCADE, related_name="tagged")

    class Meta:
        verbose_name = "tag of a post"
        verbose_name_plural = "tags of a post"
        indexes = [models.Index(fields=["tag", "published_at", "content_object"], name="posts_with_a_tag")]


def links_of(tags: Iterable[PostTag], listed: models.QuerySet[Any]) -> list[dict[str, str]]:
    """Name and address of each, in one query. No address for a tag of which the public can read nothing."""
    if isinstance(tags, models.QuerySet):  # a preview has them in memory, as the editor left them
        tags = tags.annotate(is_listed=models.Exists(listed.filter(tagged__tag=models.OuterRef("pk"))))
    return [
        {"name": tag.name, "url": tag.get_absolute_url() if getattr(tag, "is_listed", False) else ""}
        for tag in sorted(tags)
    ]
