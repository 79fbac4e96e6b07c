"""What an editor should look at before a post goes out. Remarks, never refusals: the editor knows best.

Links to other sites are not fetched: a site that is down for an hour is no reason to change a post.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wagtail.models import Page

from fileshare.attachments import cautions
from fileshare.models import SharedDocument
from portal.blocks import AnchoredValue, tell_apart
from portal.links_in_texts import Link, leads_somewhere, links_in

if TYPE_CHECKING:
    from wagtail.blocks import StreamValue

    from members.models import User
    from portal.models import NewsPage, Picture


@dataclass(frozen=True)
class Remark:
    """A sentence, and the key of the block that it is about; "" where it is about the whole post."""

    sentence: str
    block_id: str = ""


@dataclass(frozen=True)
class _Place:
    """A block of the body and its number, as a person counts them in the form."""

    number: int
    block: StreamValue.StreamChild

    def remark(self, sentence: str) -> Remark:
        return Remark(sentence, str(self.block.id or ""))


def remarks(post: NewsPage, editor: User) -> list[Remark]:
    """Those about the post as a whole first, then in the order of the blocks. Six queries besides the body's."""
    places = [_Place(number, block) for number, block in enumerate(post.body, start=1)]
    by_block = [
        *_pictures(places),
        *_headings(places),
        *_links(places),
        *_papers(places, len(post.public_blocks()), editor),
    ]
    order = {str(place.block.id or ""): place.number for place in places}
    return [*_whole_post(post), *sorted(by_block, key=lambda remark: order[remark.block_id])]


def _whole_post(post: NewsPage) -> Iterator[Remark]:
    if not post.standfirst.strip():
        yield Remark("The post has no standfirst, so that lists and the feed show nothing but its title.")
    if post.cover_id is None:
        yield Remark(
            "The post has no cover, so that lists show no picture, nor the front page when it leads with this post."
        )
    elif not post.cover_alt.strip() and post.cover:
        yield Remark(f"The cover has no alternative text.{_advice(post.cover)}")
    if not post.topics.all():
        yield Remark("The post has no topic, so that no list of a topic shows it.")


def _pictures(places: list[_Place]) -> Iterator[Remark]:
    for place in places:
        block = place.block
        if block.block_type == "picture" and _lacks_text(block.value):
            yield place.remark(
                f"The picture in block {place.number} has no alternative text.{_advice(block.value['picture'])}"
            )
        elif block.block_type == "gallery":
            for number, item in enumerate(block.value["pictures"], start=1):
                if _lacks_text(item):
                    sentence = f"Picture {number} of the gallery in block {place.number} has no alternative text."
                    yield place.remark(sentence + _advice(item["picture"]))


def _lacks_text(value: Any) -> bool:
    return value["picture"] is not None and not (value["alt"] or "").strip()


def _advice(picture: Picture) -> str:
    described = picture.description.strip()
    if described:
        return f" The picture's own description is “{described}”."
    return " People who do not see it learn nothing of it; leave that so only for mere decoration."


def _headings(places: list[_Place]) -> Iterator[Remark]:
    """Empty ones and repeated ones. All are of one level, so that none can stand out of order."""
    seen: set[str] = set()
    for place in places:
        if place.block.block_type != "heading":
            continue
        text = " ".join((place.block.value["text"] or "").split())
        if not text:
            yield place.remark(f"The heading in block {place.number} is empty.")
        elif text.casefold() in seen:
            yield place.remark(f"The heading “{text}” in block {place.number} is in the post already.")
        seen.add(text.casefold())


def _links(places: list[_Place]) -> Iterator[Remark]:
    blocks = [place.block for place in places]
    tell_apart(blocks)
    anchors = {block.value.anchor for block in blocks if isinstance(block.value, AnchoredValue)}
    links = [(place, link) for place in places for link in _links_of(place.block)]
    pages = _keys(link for _, link in links if link.kind == "page")
    papers = _keys(link for _, link in links if link.kind == "document")
    live = set(Page.objects.live().filter(pk__in=pages).values_list("pk", flat=True))
    out = set(SharedDocument.objects.mentionable_in_public().filter(pk__in=papers).values_list("pk", flat=True))
    for place, link in links:
        name = f"The link “{link.words.strip()}”" if link.words.strip() else "A link without words"
        if link.kind == "page" and _key(link) not in live:
            yield place.remark(f"{name} in block {place.number} leads to a page that is gone or not published.")
        elif link.kind == "document" and _key(link) not in out:
            yield place.remark(f"{name} in block {place.number} leads to a paper that not every member can open.")
        elif not link.kind and not leads_somewhere(link.target, anchors):
            yield place.remark(f"{name} in block {place.number} leads nowhere: its address is “{link.target}”.")


def _links_of(block: StreamValue.StreamChild) -> list[Link]:
    value = block.value
    if block.block_type == "text":
        return links_in(value.source)
    if block.block_type == "callout":
        return links_in(value["text"].source)
    if block.block_type == "link_card":
        return [Link("", value["address"] or "", value["title"] or "")]
    if block.block_type == "button":
        page, words = value["page"], value["label"] or ""
        return [Link("page", str(page.pk), words) if page else Link("", value["address"] or "", words)]
    return []


def _key(link: Link) -> int | None:
    return int(link.target) if link.target.isdecimal() else None


def _keys(links: Iterator[Link]) -> set[int]:
    return {key for link in links if (key := _key(link)) is not None}


def _papers(places: list[_Place], public: int, editor: User) -> Iterator[Remark]:
    """`public` is the number of the blocks that visitors get."""
    lists = [(place, place.block.value["documents"]) for place in places if place.block.block_type == "documents"]
    known = cautions(editor, [paper.pk for _, papers in lists for paper in papers if paper is not None])
    for place, papers in lists:
        if any(paper is None for paper in papers):
            yield place.remark(f"The list of papers in block {place.number} holds one that has been deleted.")
        for paper in papers:
            caution = known.get(paper.pk) if paper is not None else None
            if caution and (place.number <= public or not caution.concerns_visitors):
                yield place.remark(f"Papers in block {place.number}: {_lowered(caution.sentence)}")


def _lowered(sentence: str) -> str:
    """As the second half of a sentence."""
    return sentence[0].lower() + sentence[1:]
