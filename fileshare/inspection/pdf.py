"""What a PDF is like inside. Hostile input is parsed in a child process, with limits of time and memory.

Run as a module it *is* the child: it takes a path and answers with the facts.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fileshare.inspection import child

SECONDS = 20
MEMORY = 1024**3  # bytes
# Actions that run something or send data away, wherever in a PDF they stand (ISO 32000-2, 12.6).
ACTIVE_ACTIONS = ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm")
# What may happen by itself, when the file, a page or a field is opened or left (12.6.3): only what stays in the file.
# A link to an address is plain where a reader presses it, and active where nobody does.
HARMLESS_BY_ITSELF = ("/GoTo", "/Named", "/Hide", "/SetOCGState", "/Trans")
MOST_IN_A_CHAIN = 50


@dataclass(frozen=True)
class PdfFacts:
    """`pages` is None when the file cannot be read; `damaged` also stands for a child that ran out of its limits."""

    pages: int | None = None
    damaged: bool = False
    encrypted: bool = False
    signed: bool = False
    active: bool = False
    unstampable: bool = False

    @property
    def obstacle(self) -> str:
        """Why copies of it cannot be stamped, as a sentence; empty when they can (POLICY, Markings)."""
        if self.damaged:
            return "This PDF is damaged, so its copies cannot be stamped. Please print it to a new PDF."
        if self.encrypted:
            return "This PDF is protected by a password or by restrictions. Please save it without them."
        if self.signed:
            return "This PDF carries a digital signature, which stamping its copies would break."
        if self.unstampable:
            return "Copies of this PDF cannot be stamped, as a trial shows. Please print it to a new PDF."
        return ""


def examine(path: str | Path) -> PdfFacts:
    """The facts of a PDF at `path`. Never raises for what is inside it."""
    try:
        return PdfFacts(**child.run(__name__, str(path), seconds=SECONDS))
    except (child.Defeated, TypeError):
        return PdfFacts(damaged=True)


def _acts(thing: Any) -> bool:
    """Whether a dictionary is an action that runs, or brings a file, or one that lies directly in it does. What it only
    refers to comes by in the walk over all objects."""
    import pikepdf  # noqa: PLC0415 -- as below

    if isinstance(thing, pikepdf.Stream):
        thing = thing.stream_dict
    if isinstance(thing, pikepdf.Dictionary):
        # An XFA form (12.7.8) brings scripts of its own, in a language of its own.
        if any(key in thing for key in ("/EF", "/JS", "/XFA")) or str(thing.get("/S")) in ACTIVE_ACTIONS:
            return True
        if _reaches_out(thing.get("/OpenAction")) or any(map(_reaches_out, _values(thing.get("/AA")))):
            return True
        inside = [value for _key, value in thing.items()]
    elif isinstance(thing, pikepdf.Array):
        inside = list(thing)  # type: ignore[call-overload]  # an array iterates
    else:
        return False
    return any(_acts(each) for each in inside if isinstance(each, pikepdf.Object) and not each.is_indirect)


def _values(thing: Any) -> list[Any]:
    import pikepdf  # noqa: PLC0415 -- as below

    return [value for _key, value in thing.items()] if isinstance(thing, pikepdf.Dictionary) else []


def _reaches_out(action: Any, length: int = 1) -> bool:
    """Whether an action that happens by itself, or one that follows it, is other than harmless."""
    import pikepdf  # noqa: PLC0415 -- as below

    if isinstance(action, pikepdf.Array):  # actions that follow; or a place in the file, which is none
        return any(_reaches_out(each, length) for each in action)  # type: ignore[call-overload]  # an array iterates
    if not isinstance(action, pikepdf.Dictionary) or "/S" not in action:
        return False
    if str(action.get("/S")) not in HARMLESS_BY_ITSELF or length > MOST_IN_A_CHAIN:
        return True
    return _reaches_out(action.get("/Next"), length + 1)


def _is_active(pdf: Any) -> bool:
    names = pdf.Root.get("/Names", {})
    return "/JavaScript" in names or bool(pdf.attachments) or any(_acts(each) for each in pdf.objects)


def look_inside(path: str) -> PdfFacts:
    """In a child process, where whatever the parser does stays without effect."""
    import pikepdf  # noqa: PLC0415 -- heavy, and wanted in the child alone

    try:
        with pikepdf.open(path) as pdf:
            form: Any = pdf.Root.get("/AcroForm", {})
            signed = bool(int(form.get("/SigFlags", 0)) & 1)
            return PdfFacts(pages=len(pdf.pages), encrypted=pdf.is_encrypted, signed=signed, active=_is_active(pdf))
    except pikepdf.PasswordError:
        return PdfFacts(encrypted=True)
    except Exception:  # noqa: BLE001 -- whatever a hostile file makes the parser raise, the answer is the same
        return PdfFacts(damaged=True)


if __name__ == "__main__":
    child.answer(lambda: asdict(look_inside(sys.argv[1])), seconds=SECONDS, memory=MEMORY)
