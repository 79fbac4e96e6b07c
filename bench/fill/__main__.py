"""The command line of the filler."""

from __future__ import annotations

import argparse
import os
import sys
import time
from functools import partial

import django

PARTS = ("members", "papers", "posts", "comments", "record")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fill", description="Bring a site to so many of each.")
    parser.add_argument("count", type=int, help="how many there shall be of each")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument(
        "--pages", type=int, default=0, help="pages of text in each paper, 4 KB each; then rebuild_search"
    )
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
    django.setup()
    from bench.fill.papers import papers
    from bench.fill.people import comments, members, record
    from bench.fill.posts import posts
    from bench.fill.rows import Counter
    from portal.freshness import expire

    parts = {
        "members": members,
        "papers": partial(papers, pages=chosen.pages),
        "posts": posts,
        "comments": comments,
        "record": record,
    }
    begun = time.perf_counter()
    for name in (each for each in PARTS if each in chosen.only):
        parts[name](chosen.count)
    expire()  # whole tables were written past the models, and nobody was told
    seconds = time.perf_counter() - begun
    print(f"{Counter.rows:,} rows in {seconds:.1f} seconds: {Counter.rows / seconds:,.0f} a second.")
    sys.exit(0)


if __name__ == "__main__":
    main()
