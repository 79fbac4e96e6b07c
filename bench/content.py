"""Puts the measured papers into the demonstration, and exports a post for the stock site. Prints what is where.

python -m bench.content FOLDER
"""

from __future__ import annotations

import io
import json
import random
import shutil
import sys
from pathlib import Path
from typing import Any

import django

from bench.fill.words import VOCABULARY

SMALL, LARGE = 50_000, 200_000_000  # bytes
PAGES = 300
SLUG = "nactso-ctpn-information"


def main() -> None:
    django.setup()
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    post = _exported(folder)
    print(json.dumps(_papers(folder) | {"post": post}))


def _papers(folder: Path) -> dict[str, Any]:
    from bench.fill.papers import folders, paper_of

    library, _ = folders()
    noise = random.Random(1)  # noqa: S311 -- so that nothing packs it
    line = b"x" * 99 + b"\n"
    papers = {}
    for name, size in {"small": SMALL, "large": LARGE}.items():
        head = noise.randbytes(2_000).hex().encode() + b"\n"
        content = head + line * ((size - len(head)) // len(line))
        paper = paper_of(f"Measured, {name}", content, library)
        papers[name] = paper.download_url
        if name == "small":
            (folder / "small.txt").write_bytes(content)
    return papers | {"pages": _pages(library)}


def _pages(library: int) -> str:
    """The address where a paper of PAGES pages is read; as most programs write them, what belongs to its pages lies
    scattered over its length."""
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    from bench.fill.papers import paper_of
    from fileshare.derivatives.stamp_drawing import FONT_FILE
    from fileshare.services import derive

    registerFont(TTFont("Text", str(FONT_FILE)))
    noise, out = random.Random(2), io.BytesIO()  # noqa: S311 -- as below
    canvas = Canvas(out)
    for number in range(1, PAGES + 1):
        canvas.setFont("Text", 10)
        canvas.drawString(72, 790, f"Section {number}")
        for line in range(50):
            canvas.drawString(72, 770 - 14 * line, " ".join(noise.choices(VOCABULARY, k=11)))
        canvas.bookmarkPage(f"section {number}")
        canvas.showPage()
    canvas.save()
    paper = paper_of(f"Measured, {PAGES} pages", out.getvalue(), library, "pages.pdf")
    derive.derive(version_id=paper.versions.get().pk)
    return paper.read_url


def _exported(folder: Path) -> dict[str, Any]:
    """The post as visitors get it: its facts, its blocks as they are stored, the names of its pictures' files."""
    from fileshare.models import SharedDocument
    from portal.models import NewsPage, Picture

    post = NewsPage.objects.get(slug=SLUG)
    blocks = list(post.body.raw_data)[: len(post.public_blocks())]
    pictures = {}
    for picture in Picture.objects.filter(pk__in=post.picture_ids()):
        name = f"{picture.pk}{Path(picture.file.name).suffix}"
        with picture.file.open("rb") as source, (folder / name).open("wb") as target:
            shutil.copyfileobj(source, target)
        pictures[str(picture.pk)] = name
    return {
        "title": post.title,
        "standfirst": post.standfirst,
        "date": post.published_at.isoformat(),
        "cover": post.cover_id,
        "cover_alt": post.cover_alt,
        "authors": [str(author) for author in post.authors.all()],
        "topics": [str(topic) for topic in post.topics.all()],
        "tags": [str(tag) for tag in post.tags.all()],
        "body": blocks,
        "pictures": pictures,
        "papers": {str(paper.pk): paper.title for paper in SharedDocument.objects.filter(pk__in=post.paper_ids)},
    }


if __name__ == "__main__":
    main()
