"""Puts the measured papers into the demonstration, and exports a post for the stock site. Prints what is where.

python -m bench.content FOLDER
"""

from __future__ import annotations

import json
import random
import shutil
import sys
from pathlib import Path
from typing import Any

import django

SMALL, LARGE = 50_000, 200_000_000  # bytes
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
    return papers


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
