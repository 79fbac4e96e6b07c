"""What a comment shows, as plain values (`members.pieces`), under the names that comments and threads have."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.discussion import Thread


@dataclass(frozen=True)
class ShownComment:
    pk: int
    post_id: int
    anchor: str
    text: str
    author_name: str
    author_organisation: str
    created_at: datetime.datetime
    edited_at: datetime.datetime | None
    appears: bool
    is_held: bool
    is_withdrawn: bool
    is_removed: bool
    removed_because: str


@dataclass(frozen=True)
class ShownThread:
    comment: ShownComment
    is_own: bool
    may_change: bool
    may_withdraw: bool
    may_report: bool
    has_words: bool
    has_actions: bool


def thread(shown: Thread) -> ShownThread:
    comment = shown.comment
    return ShownThread(
        ShownComment(
            pk=comment.pk,
            post_id=comment.post_id,
            anchor=comment.anchor,
            text=comment.text if shown.has_words else "",
            author_name=comment.author_name,
            author_organisation=comment.author_organisation,
            created_at=comment.created_at,
            edited_at=comment.edited_at,
            appears=comment.appears,
            is_held=comment.is_held,
            is_withdrawn=comment.is_withdrawn,
            is_removed=comment.is_removed,
            removed_because=comment.removed_because if shown.is_own else "",
        ),
        is_own=shown.is_own,
        may_change=shown.may_change,
        may_withdraw=shown.may_withdraw,
        may_report=shown.may_report,
        has_words=shown.has_words,
        has_actions=shown.has_actions,
    )
