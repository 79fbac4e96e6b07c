"""Searches the documents as Wagtail does, so many times, and prints the seconds of each."""

import json
import time

from django.core.management.base import BaseCommand
from wagtail.documents import get_document_model
from wagtail.search.backends import get_search_backend


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("words")
        parser.add_argument("rounds", type=int)

    def handle(self, *args, **options):
        backend, documents = get_search_backend(), get_document_model().objects.all()
        seconds = []
        for _ in range(options["rounds"] + 1):
            begun = time.perf_counter()
            list(backend.search(options["words"], documents)[:10])
            seconds.append(time.perf_counter() - begun)
        self.stdout.write(json.dumps(seconds[1:]))
