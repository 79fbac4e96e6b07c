"""What happened, and how the administration lists and exports it."""

from __future__ import annotations

import csv
import io

from members import audit
from members.enums import Action
from tests.factories import make_user

ADDRESS = "/admin/access-record/"


def results(client, query=""):
    return client.get(f"{ADDRESS}results/?{query}").content.decode()


def story():
    pat, sam = make_user("pat@example.org"), make_user("sam@example.org")
    audit.record(Action.OPENED, actor=pat, object_kind="document", object_id="first-paper")
    audit.record(Action.REFUSED, actor=sam, object_kind="document", object_id="second-paper", reason="not_a_member")
    audit.record(Action.DOWNLOADED, actor=sam, object_kind="document", object_id="third-paper", version=2)


def exported(client, query=""):
    response = client.get(f"/admin/access-record/?export=csv{query}")
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))
