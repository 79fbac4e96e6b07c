"""What a demo post or page is made of."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

PostState = Literal["published", "scheduled", "in_review", "draft"]


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Text:
    """HTML of p, b, i, ul, ol, li and a with an address."""

    html: str


@dataclass(frozen=True)
class Quote:
    text: str
    attribution: str


@dataclass(frozen=True)
class PictureBlock:
    key: str
    alt: str
    caption: str


@dataclass(frozen=True)
class Gallery:
    """Pictures as (key, alternative text, caption)."""

    pictures: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Table:
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Documents:
    """Papers by their keys, shown as a panel."""

    heading: str
    papers: tuple[str, ...]


@dataclass(frozen=True)
class Attribution:
    text: str


@dataclass(frozen=True)
class MembersOnly:
    """From here on, the post is for members."""


DemoBlock = Heading | Text | Quote | PictureBlock | Gallery | Table | Documents | Attribution | MembersOnly


@dataclass(frozen=True)
class DemoAuthor:
    slug: str
    name: str
    role: str
    biography: str


@dataclass(frozen=True)
class DemoTopic:
    slug: str
    name: str
    description: str


@dataclass(frozen=True)
class DemoPost:
    """A post; `go_live_in_days` counts from the day of seeding and belongs to a scheduled one."""

    slug: str
    title: str
    standfirst: str
    authors: tuple[str, ...]
    topics: tuple[str, ...]
    published_at: datetime
    cover: str
    body: tuple[DemoBlock, ...]
    pinned: bool = False
    state: PostState = "published"
    go_live_in_days: int | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class DemoField:
    """A field of a form; `kind` as in portal.contact_form."""

    label: str
    kind: str
    help_text: str = ""
    choices: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True)
class DemoPage:
    """A page that stands by itself; with a form, a contact page."""

    slug: str
    title: str
    introduction: str
    in_menu: bool
    body: tuple[DemoBlock, ...]
    form: tuple[DemoField, ...] = ()
    receivers: str = ""
    thank_you_text: str = ""


def prose(text: str) -> Text:
    """Paragraphs parted by empty lines, lists of lines that begin with `- ` or `1. `, as a block of HTML."""
    blocks = re.split(r"\n\s*\n", inspect.cleandoc(text).strip())
    return Text("".join(_html(block) for block in blocks))


def _html(block: str) -> str:
    for mark, tag in (("- ", "ul"), ("1. ", "ol")):
        if block.startswith(mark):
            items = re.split(rf"^{re.escape(mark)}", block, flags=re.MULTILINE)[1:]
            return f"<{tag}>" + "".join(f"<li>{_joined(item)}</li>" for item in items) + f"</{tag}>"
    return f"<p>{_joined(block)}</p>"


def _joined(text: str) -> str:
    return " ".join(text.split())
