"""What Django cannot say of the access record: its rows are added and never touched again, and the database itself
makes the link of each in the chain (`members.chain`).

On PostgreSQL a link is made when its transaction is about to end: whoever records something and goes on waits for
nobody, and the lock is held for the commit alone. On SQLite whoever writes is alone anyway; there `SHA256` is Django's
own function, so that a row cannot be added past the site.
"""

from django.db import migrations

TABLES = ("members_accessrecord", "members_accesslink", "members_recordhead")
KEYS = {
    "members_accessrecord": ("id",), "members_accesslink": ("place", "row_id"), "members_recordhead": ("place",),
}  # fmt: skip
SAYS = "Rows of the access record can be neither changed nor removed."
LOCK = 4_801_236_001  # a number of our own among PostgreSQL's advisory locks

POSTGRESQL = """
CREATE FUNCTION members_record_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '@says' USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION members_record_links() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_place bigint;
    last_hash text;
    last_at text;
    said text;
BEGIN
    IF EXISTS (SELECT 1 FROM members_accesslink WHERE row_id = NEW.id) THEN
        RETURN NULL; -- restored with its link
    END IF;
    PERFORM pg_advisory_xact_lock(@lock);
    SELECT place, hash, at INTO last_place, last_hash, last_at FROM members_accesslink ORDER BY place DESC LIMIT 1;
    last_place := coalesce(last_place, 0) + 1;
    said := to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
    last_at := greatest(said COLLATE "C", last_at);
    said := format('{"at":"%s","content":"%s","place":%s,"row":%s}', last_at, NEW.content, last_place, NEW.id);
    INSERT INTO members_accesslink (place, row_id, at, hash) VALUES (
        last_place, NEW.id, last_at,
        encode(sha256(convert_to(coalesce(last_hash, repeat('0', 64)) || said, 'UTF8')), 'hex')
    );
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER members_accessrecord_links AFTER INSERT ON members_accessrecord
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION members_record_links();
""".replace("@says", SAYS).replace("@lock", str(LOCK))

POSTGRESQL_TABLE = """
CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION members_record_refuses();
CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION members_record_refuses();
"""

# Beside changes and removals: INSERT OR REPLACE, which removes without any trigger's knowing.
SQLITE_TABLE = (
    "CREATE TRIGGER {table}_keeps BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{says}'); END",
    "CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{says}'); END",
    """CREATE TRIGGER {table}_stands BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken})
    BEGIN SELECT RAISE(ABORT, '{says}'); END""",
)
SQLITE_LINKS = """
CREATE TRIGGER members_accessrecord_links AFTER INSERT ON members_accessrecord
WHEN NOT EXISTS (SELECT 1 FROM members_accesslink WHERE row_id = NEW.id)
BEGIN
    INSERT INTO members_accesslink (place, row_id, at, hash)
    SELECT place, NEW.id, at, SHA256(
        hash || '{"at":"' || at || '","content":"' || NEW.content || '","place":' || place || ',"row":' || NEW.id || '}'
    ) FROM (
        SELECT place + 1 AS place, hash, max(at, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')) AS at FROM (
            SELECT * FROM (SELECT place, hash, at FROM members_accesslink ORDER BY place DESC LIMIT 1)
            UNION ALL SELECT 0, printf('%064d', 0), ''
        ) ORDER BY place DESC LIMIT 1
    );
END
"""


def sqlite_triggers() -> dict[str, str]:
    """By their names."""
    found = {"members_accessrecord_links": SQLITE_LINKS}
    for table in TABLES:
        taken = " OR ".join(f"{key} = NEW.{key}" for key in KEYS[table])
        for sql in SQLITE_TABLE:
            said = sql.format(table=table, says=SAYS, taken=taken)
            found[said.split()[2]] = said
    return found


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL, params=None)
        for table in TABLES:
            schema_editor.execute(POSTGRESQL_TABLE.format(table=table), params=None)
    else:
        for sql in sqlite_triggers().values():
            schema_editor.execute(sql, params=None)


def take_away(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION members_record_links() CASCADE", params=None)
        schema_editor.execute("DROP FUNCTION members_record_refuses() CASCADE", params=None)
    else:
        for name in sqlite_triggers():
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}", params=None)


class Migration(migrations.Migration):
    dependencies = [("members", "0002_people")]

    operations = [migrations.RunPython(make, take_away)]
