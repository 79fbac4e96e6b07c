"""What members of the demo brought to the file share and confirmed."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.files.base import ContentFile
from wagtail.models import Collection

from fileshare.models import SharedDocument
from fileshare.services import acknowledge, contribute, inspect
from members.models import User

TAKES_CONTRIBUTIONS = "exercises"  # the key of the folder


@dataclass(frozen=True)
class DemoContribution:
    """A note that a member brought; `declined` is the editor's reason for leaving it out."""

    email: str
    title: str
    description: str
    text: str
    note: str = ""
    accepted: bool = False
    declined: str = ""


CONTRIBUTIONS: tuple[DemoContribution, ...] = (
    DemoContribution(
        "aoife.brennan@example.org",
        "What our evening exercise taught us about radios",
        "Two pages from the stadium: which messages were lost, and what we changed.",
        "A sample made for this demonstration.\n\nThree of the eleven messages in the first half hour were not heard. "
        "Two were sent while somebody else was speaking, and one was sent on the stewards' channel.\n\nWe now give "
        "each zone a number, and whoever receives a message repeats the number.\n",
        accepted=True,
    ),
    DemoContribution(
        "member@example.org",
        "Notes from a table-top on lost children",
        "How the arena's team worked through an afternoon with four lost children and one found parent.",
        "A sample made for this demonstration.\n\nThe first question was who may hold a child's hand. The answer took "
        "longer than the rest of the exercise.\n",
        note="The names are invented. Please check whether the plan of the foyer may stay in.",
    ),
    DemoContribution(
        "member@example.org",
        "Price list of a radio supplier",
        "From last year's fair.",
        "A sample made for this demonstration.\n\nHand-held radio, with charger: on request.\n",
        declined="We share no price lists. Thank you all the same.",
    ),
)
CONFIRMED_BY = ("committee@example.org", "sunita.rao@example.org", "fergus.lockhart@example.org")


def bring(folder: Collection, *, editor: User) -> None:
    """Each contribution once, and what the editor decided."""
    folder.folder.takes_contributions = True
    folder.folder.save(update_fields=["takes_contributions"])
    for each in CONTRIBUTIONS:
        if not SharedDocument.objects.filter(title=each.title, collection=folder).exists():
            _bring(each, folder, editor)


def _bring(each: DemoContribution, folder: Collection, editor: User) -> None:
    file = ContentFile(each.text.encode(), name="notes.txt")
    document = contribute.contribute(
        folder=folder, by=User.objects.get(email=each.email), file=file, name="notes.txt", title=each.title,
        description=each.description, note=each.note,
    )  # fmt: skip
    inspect.inspect(version_id=document.versions.get().pk)
    if each.accepted:
        contribute.accept(document=document, by=editor)
    elif each.declined:
        contribute.decline(document=document, by=editor, note=each.declined)


def confirm(document: SharedDocument) -> None:
    """Some members have read it already."""
    for member in User.objects.filter(email__in=CONFIRMED_BY):
        if document.current_version is not None:
            acknowledge.acknowledge(document=document, number=document.current_version.number, by=member)
