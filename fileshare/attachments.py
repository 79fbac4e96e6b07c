"""Papers that a public post attaches, as far as the reader, or the editor, may know of them."""

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
    papers = SharedDocument.objects.select_related("current_version", "source").filter(pk__in=ids)
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


@dataclass(frozen=True)
class Caution:
    """What an editor is told of an attached paper before the post goes out: a sentence."""

    sentence: str
    concerns_visitors: bool = False  # nothing to say where only members read on


def cautions(editor: User, document_ids: Iterable[int]) -> dict[int, Caution]:
    """By document id, where readers do not get what the editor may expect. At most three queries.

    A paper that the editor may not see is not described: neither its title, nor why readers do not have it.
    """
    ids = set(document_ids)
    if not ids:
        return {}
    papers = SharedDocument.objects.with_facts().filter(pk__in=ids)
    known = {paper.pk: paper for paper in papers.visible_to(editor).prefetch_related("versions")}
    mentioned = {paper.pk: paper for paper in papers.mentionable_in_public()}
    found = {pk: _caution(known.get(pk), mentioned.get(pk)) for pk in ids}
    return {pk: caution for pk, caution in found.items() if caution is not None}


def _caution(known: SharedDocument | None, mentioned: SharedDocument | None) -> Caution | None:
    if mentioned is not None and mentioned.title_may_be_public:
        return None
    if known is None and mentioned is None:
        return Caution("A paper stands there that you may not see: ask somebody who may whether it belongs there.")
    if known is None:
        return Caution("A restricted paper stands there: visitors read only that there is one.", concerns_visitors=True)
    name = f"“{known.title}”"
    if mentioned is not None:
        return Caution(
            f"{name} is marked {known.marking}: visitors read only that there is a restricted paper.",
            concerns_visitors=True,
        )
    if why := states.hidden_because(known):
        return Caution(f"{name} does not appear to readers: {why}.")
    return Caution(
        f"{name} lies in a folder that not every member may enter: to others it does not appear.",
        concerns_visitors=True,
    )
