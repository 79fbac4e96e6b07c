"""Papers of a folder and the scanner's word on them, as their readers and the record have it."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django_tasks_db.models import DBTaskResult

from fileshare.services import inspect, upload
from members.models import AccessRecord
from portal.ops import scanning
from tests.factories import make_administrator, make_editor_of, make_member, make_paper

EVIL = b"Words with something evil in them."
FOUND = "The virus scanner found “Test.Evil-1” in it."
SIGNATURES = "ClamAV 1.4.6/1/Mon Nov 30 08:00:00 2026"
NEWER = "ClamAV 1.4.6/2/Tue Dec  1 08:00:00 2026"


def paper_of(folder, content=b"Good words.", **said):
    return make_paper("The paper", collection=folder, content=content, file_name="a.txt", **said)


def replaced(paper, content):
    version = upload.replace(document=paper, file=ContentFile(content), name="a.txt", by=None)
    inspect.inspect(version_id=version.pk)
    paper.refresh_from_db()
    version.refresh_from_db()
    return version


def rows(action="inspected"):
    found = AccessRecord.objects.filter(action=action).order_by("pk")
    return [(row.reason, row.details.get("version"), row.details.get("outcome")) for row in found]


def everybody(folder):
    return [make_member(), make_editor_of(folder), make_administrator()]


def got(people, paper, signed_in):
    """What each gets of the paper's file: its bytes, or nothing that is told from a paper that does not exist."""
    answers = [signed_in(person).get(f"/files/document/{paper.uuid}/download/") for person in people]
    return [b"".join(each.streaming_content) if each.status_code == 200 else each.status_code for each in answers]


def due_tasks():
    """Do what the timer has put into the queue, as the worker would."""
    for task in list(DBTaskResult.objects.ready().order_by("-priority", "enqueued_at")):
        if task.task_path.startswith("fileshare."):
            task.task.call(*task.args_kwargs["args"])
    DBTaskResult.objects.all().delete()


def timer():
    DBTaskResult.objects.all().delete()
    scanning.keep_up()
    due_tasks()
