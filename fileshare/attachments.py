"""Papers that a public post attaches, as far as the reader may know of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import prefetch_related_objects

from fileshare import states
from fileshare.models import SharedDocument
from members.any_member import AnyMember

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User


@dataclass(frozen=True)
class Attachment:
    """A paper beside a post. `paper` is None where the reader may only know that there is one (POLICY, Markings)."""

    paper: SharedDocument | None
    readable: bool
    signed_in: bool
    # Why readers do not get it; only for people who may change it, since for nobody else such a paper exists.
    hidden_because: str = ""
    # Only in a preview as a member: members can read it, while whoever looks at the preview may not.
    members_only: bool = False

    @property
    def restricted(self) -> bool:
        return self.paper is None

    @property
    def title(self) -> str:
        return self.paper.title if self.paper else "A restricted paper"

    @property
    def reason(self) -> str:
        """Why it cannot be opened here: `visitor` must sign in, `standing` must become a current member, `preview`
        can be read by every member but the one who previews."""
        if self.readable:
            return ""
        if self.members_only:
            return "preview"
        return "standing" if self.signed_in else "visitor"


def attachments(user: User | AnonymousUser, document_ids: Iterable[int]) -> dict[int, Attachment]:
    """By document id, what may be shown; ids that are missing do not exist for this reader. At most two
    queries, and one more where an editor sees a paper without a checked file or previews what is closed to members
    or to the editor."""
    ids = set(document_ids)
    if not ids:
        return {}
    papers = SharedDocument.objects.with_facts().filter(pk__in=ids)
    shown: dict[int, Attachment] = {}
    if user.is_authenticated:
        visible = list(papers.visible_to(user))
        prefetch_related_objects([paper for paper in visible if paper.current_version is None], "versions")
        shown = {
            paper.pk: Attachment(paper, readable=True, signed_in=True, hidden_because=states.hidden_because(paper))
            for paper in visible
        }
    if missing := ids - shown.keys():
        members = _read_by_members(missing) if isinstance(user, AnyMember) else set()
        for paper in papers.mentionable_in_public().filter(pk__in=missing):
            known = paper if paper.title_may_be_public else None
            shown[paper.pk] = Attachment(
                known, readable=False, signed_in=user.is_authenticated, members_only=paper.pk in members
            )
    return shown


def _read_by_members(ids: set[int]) -> set[int]:
    return set(SharedDocument.objects.visible_to_any_member().filter(pk__in=ids).values_list("pk", flat=True))
