"""The posts that attach a paper or lead to it, as far as a reader of the paper may read them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from wagtail.models import Page, ReferenceIndex

from fileshare import mentions
from fileshare.mentions import Mention
from portal import access
from portal.blocks import MEMBERS_ONLY
from portal.models import NewsPage
from portal.models.topics import NEWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fileshare.models import SharedDocument
    from members.models import User

MOST, MOST_REFERENCES = 10, 500


def _blocks_that_name(paper: SharedDocument) -> dict[int, set[str]]:
    """By the post's key the blocks of its body, from Wagtail's index of references, which the worker writes after each
    publication."""
    pages = ContentType.objects.get_for_model(Page)
    found = ReferenceIndex.get_references_to(paper).filter(base_content_type=pages, content_path__startswith="body.")
    named: dict[int, set[str]] = defaultdict(set)
    for key, path in found.order_by().values_list("object_id", "content_path")[:MOST_REFERENCES]:
        named[int(key)].add(path.split(".")[1])
    return named


def _is_read_by(reader: User, post: NewsPage, named: set[str]) -> bool:
    """Whether one of these blocks stands where this person reads: the index knows the members' part too."""
    blocks = post.body.raw_data  # as they are stored, so that nothing is fetched of what they show
    cut = next((place for place, block in enumerate(blocks) if block["type"] == MEMBERS_ONLY), len(blocks))
    if any(block.get("id") in named for block in blocks[:cut]):
        return True
    # Whoever reads a paper and may do nothing else is a current member (the policy's first condition).
    is_member = reader.holds_no_rights or access.may_read_members_part(reader, post)
    return is_member and any(block.get("id") in named for block in blocks[cut:])


def posts_that_mention(paper: SharedDocument, reader: User) -> Iterator[Mention]:
    """The newest posts in the lists that name the paper to this reader."""
    named = _blocks_that_name(paper)
    if not named:
        return
    for post in NewsPage.objects.listed().defer("public_text").filter(pk__in=named)[:MOST]:
        if _is_read_by(reader, post, named[post.pk]):
            yield Mention(post.title, f"{NEWS}{post.slug}/", post.published_at)


def register() -> None:
    """Called once, when the apps are ready."""
    mentions.register(posts_that_mention)
