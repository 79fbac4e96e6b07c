"""Comments in pages, each rendered once for the same values (`members.pieces`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from members.pieces import piece
from portal import pieces

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from portal.discussion import Thread

register = template.Library()


@register.simple_tag
def shown_comment(thread: Thread, may_answer: bool = False) -> SafeString:
    """The component "comment". `may_answer`: the reader, where the comment is no answer itself."""
    shown = pieces.thread(thread)
    return piece("components/comment.html", thread=shown, can_answer=may_answer and shown.comment.appears)
