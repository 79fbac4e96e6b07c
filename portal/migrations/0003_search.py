"""Where the words of the search lie, for each kind of database (`portal/search/`)."""

from django.db import migrations

POSTGRESQL = (
    # What was written last waits in a list that every search goes through. Of titles it is kept short, since titles are
    # suggested with each letter that somebody types; of texts it is long, which halves what writing costs.
    "CREATE INDEX portal_searchrow_head ON portal_searchrow USING gin (head) WITH (gin_pending_list_limit = 128)",
    "CREATE INDEX portal_searchrow_words ON portal_searchrow USING gin (words)",
    # Ranking reads many of them: unpacked they cost more room and a third of the time.
    "ALTER TABLE portal_searchrow ALTER COLUMN words SET STORAGE EXTERNAL",
)
BACK_ON_POSTGRESQL = ("DROP INDEX portal_searchrow_head", "DROP INDEX portal_searchrow_words")
# Stems are made before (`portal.search.words`): nothing is left for the database's own ideas of words.
TOKENS = "tokenize='unicode61 remove_diacritics 0'"
GONE = "DELETE FROM portal_searchhead WHERE rowid = OLD.id; DELETE FROM portal_searchtext WHERE rowid = OLD.id;"
SQLITE = (
    f"CREATE VIRTUAL TABLE portal_searchhead USING fts5(title, about, names, prefix='3 4 5', {TOKENS})",
    f"CREATE VIRTUAL TABLE portal_searchtext USING fts5(title, about, text, rest, {TOKENS})",
    f"CREATE TRIGGER portal_searchrow_gone AFTER DELETE ON portal_searchrow BEGIN {GONE} END",
)
BACK_ON_SQLITE = (
    "DROP TRIGGER portal_searchrow_gone",
    "DROP TABLE portal_searchhead",
    "DROP TABLE portal_searchtext",
)


def _run(schema_editor, **by_vendor):
    with schema_editor.connection.cursor() as cursor:
        for statement in by_vendor[schema_editor.connection.vendor]:
            cursor.execute(statement)


def make(apps, schema_editor):
    _run(schema_editor, postgresql=POSTGRESQL, sqlite=SQLITE)


def take_away(apps, schema_editor):
    _run(schema_editor, postgresql=BACK_ON_POSTGRESQL, sqlite=BACK_ON_SQLITE)


class Migration(migrations.Migration):
    dependencies = [("portal", "0002_first_pages")]
    operations = [migrations.RunPython(make, take_away)]
