"""Telling a person without access why, once on each page, however many places have something for members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

if TYPE_CHECKING:
    from django.template import RequestContext

    from members.standing import StandingNotice

register = template.Library()


@register.simple_tag(takes_context=True)
def standing_notice_once(context: RequestContext) -> StandingNotice | None:
    """The notice where it is asked for first; afterwards, and for current members and visitors, None.

    Kept with the request: blocks of a post are rendered each with a context of its own.
    """
    request, notice = context.get("request"), context.get("standing_notice")
    if not notice or getattr(request, "standing_is_told", False):
        return None
    if request is not None:
        request.standing_is_told = True
    notice_as_told: StandingNotice = notice
    return notice_as_told
