"""A post's text as a reader gets it. What is the same for everybody is made once, and remembered until something public
changes; who gets it is asked each time, and what lies below the members-only mark is made for each reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string

from fileshare.attachments import attachments
from portal import access, freshness
from portal.blocks import MEMBERS_ONLY, PAPERS, papers_in, tell_apart
from portal.models.pictures import at_hand, lacks_picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from portal.models.posts import NewsPage


@dataclass(frozen=True)
class Body:
    """`parts` are blocks or, where they are made already, their HTML. Blocks of papers are made with `papers`, as far
    as the reader may know of them."""

    cover: str
    parts: list[Any]
    contents: list[dict[str, str]]
    paper_ids: list[int]
    is_cut: bool  # more follows for members


def _nobody() -> bool:
    return False


def body_for(post: NewsPage, request: HttpRequest) -> Body:
    """What this reader gets."""

    def reads_on() -> bool:
        return access.may_read_members_part(request.user, post)

    if not _is_for_everybody(post, request):
        return _of(post, reads_on)
    name, public_part = f"text of post {post.pk}", lambda: _made(_of(post, _nobody), {}, but=PAPERS)
    if not request.user.is_authenticated:
        return freshness.kept(f"{name} for visitors", lambda: _for_visitors(post, request), request, _has_pictures)
    public = freshness.kept(name, public_part, request, _has_pictures)
    return _of(post, reads_on) if public.is_cut and reads_on() else public


def _is_for_everybody(post: NewsPage, request: HttpRequest) -> bool:
    """Whether the public part is; not a preview, nor a post of which it was not asked just now (`HomePage.route`)."""
    is_public = post.__dict__.get("is_private") is False and post.alias_of_id is None
    return is_public and access.is_out_for(AnonymousUser(), post) and not getattr(request, "is_preview", False)


def _of(post: NewsPage, reads_on: Callable[[], bool]) -> Body:
    with at_hand(post.picture_ids()) as pictures:
        public = post.public_blocks()
        is_cut = len(public) < len(post.body) and not reads_on()
        blocks = public if is_cut else [block for block in post.body if block.block_type != MEMBERS_ONLY]
    tell_apart(blocks)
    headings = [block.value for block in blocks if block.block_type == "heading"]
    picture = pictures.get(post.cover_id)
    return Body(
        cover=render_to_string("components/cover.html", {"picture": picture, "alt": post.cover_alt}) if picture else "",
        parts=blocks,
        contents=[{"anchor": heading.anchor, "title": heading["text"]} for heading in headings],
        paper_ids=papers_in(blocks),
        is_cut=is_cut,
    )


def _made(body: Body, context: dict[str, Any], but: str = "") -> Body:
    """With the HTML of its blocks, made from nothing but this context, so that it holds nothing of who asked first."""
    made = [block if block.block_type == but else block.render_as_block(context) for block in body.parts]
    return Body(body.cover, made, body.contents, body.paper_ids, body.is_cut)


def _has_pictures(body: Body) -> bool:
    return not any(isinstance(html, str) and lacks_picture(html) for html in (body.cover, *body.parts))


def _for_visitors(post: NewsPage, request: HttpRequest) -> Body:
    body, visitor = _of(post, _nobody), AnonymousUser()
    known = attachments(visitor, body.paper_ids)
    context = {"attachments_by_id": known, "user": visitor, "page_url": post.get_url(request)}
    made = _made(body, context)
    return Body(made.cover, made.parts, made.contents, [], made.is_cut)
