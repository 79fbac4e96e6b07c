"""Documents with text for stock Wagtail's own search on PostgreSQL: the titles and first pages of our filled papers."""

from __future__ import annotations

import json

import psycopg

from bench.servers import Site

OURS = (
    "COPY (SELECT paper.title, page.text FROM fileshare_shareddocument paper JOIN fileshare_pagetext page"
    " ON page.version_id = paper.current_version_id AND page.number = 1 LIMIT {count}) TO STDOUT"
)
EMPTY = """
DELETE FROM wagtailsearch_indexentry
WHERE object_id IN (SELECT id::text FROM wagtaildocs_document WHERE file = 'filled')
    AND content_type_id IN (SELECT id FROM django_content_type WHERE app_label = 'wagtaildocs');
DELETE FROM wagtaildocs_document WHERE file = 'filled'
"""
DOCUMENTS = """
INSERT INTO wagtaildocs_document (title, file, created_at, file_hash, collection_id)
SELECT title, 'filled', now(), '', (SELECT min(id) FROM wagtailcore_collection) FROM filled
"""
# As Wagtail's own backend writes them, in one statement: one at a time it takes 0.2 seconds each.
ENTRIES = """
INSERT INTO wagtailsearch_indexentry
    (object_id, content_type_id, title_norm, title, autocomplete, body, title_text, body_text)
SELECT document.id::text, type.id, 1, setweight(to_tsvector(document.title), 'A'), to_tsvector(document.title),
    to_tsvector(filled.text), '', ''
FROM filled JOIN wagtaildocs_document document USING (title), django_content_type type
WHERE document.file = 'filled' AND type.app_label = 'wagtaildocs' AND type.model = 'document'
ON CONFLICT DO NOTHING
"""


def fill(stock: Site, ours: Site, count: int) -> None:
    """Where they are not there already."""
    with (
        psycopg.connect(stock.environment["DATABASE_URL"], autocommit=True) as into,
        psycopg.connect(ours.environment["DATABASE_URL"]) as source,
    ):
        known = into.execute("SELECT count(*) FROM wagtaildocs_document WHERE file = 'filled'").fetchone()
        if known and count * 0.9 <= known[0] <= count:  # some of ours have no text
            return
        into.execute(EMPTY)
        into.execute("CREATE TEMPORARY TABLE filled (title text, text text)")
        reading, writing = source.cursor(), into.cursor()
        with reading.copy(OURS.format(count=count)) as out, writing.copy("COPY filled FROM STDIN") as copy:
            for data in out:
                copy.write(data)
        for statement in (DOCUMENTS, ENTRIES, "ANALYZE wagtaildocs_document", "ANALYZE wagtailsearch_indexentry"):
            into.execute(statement)


def searched(stock: Site, words: str, rounds: int) -> list[float]:
    """Seconds of the first ten documents, each time."""
    seconds: list[float] = json.loads(stock.manage("search_papers", words, str(rounds)))
    return seconds
