"""`manage.py rebuild_search`: the index of the search made anew, while everything stays findable."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand

from portal.search import index


class Command(BaseCommand):
    help = "Make the index of the search anew. Everything can be found meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        count = index.rebuild()
        self.stdout.write(f"{count:,} posts, pages and papers in {time.monotonic() - begun:.0f} seconds.")
