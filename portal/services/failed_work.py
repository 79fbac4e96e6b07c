"""Work that the worker could not do: in plain words, to have it done again, or to let it be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django_tasks_db.models import DBTaskResult

from members import audit
from members.enums import Action
from portal.ops import queue

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from members.models import User

KIND = "work"  # of the rows of the access record
WORDS = {
    "fileshare.tasks.inspect_version": "Look into a file that was brought",
    "fileshare.tasks.derive_version": "Make a paper's text and preview",
    "fileshare.tasks.scan_again": "Scan papers again",
    "fileshare.tasks.remind_members": "Remind members to confirm a paper",
    "members.tasks.send_mail": "Send a mail",
    "members.tasks.make_export": "Gather what is kept about a person",
    "members.tasks.check_import": "Check a register",
    "members.tasks.carry_out_import": "Import a register",
    "portal.tasks.mail_about_comment": "Decide who hears of a comment",
    "portal.tasks.mail_author": "Tell an author of a comment",
    "portal.tasks.mail_member": "Tell a member of a comment",
    "portal.tasks.mail_contact_message": "Pass on a message of a contact page",
    "portal.tasks.draw_pictures": "Draw a post's pictures",
    "portal.tasks.index_paper": "Put a paper into the search",
    "portal.tasks.index_page": "Put a post or a page into the search",
    "portal.tasks.index_papers_of": "Put a source's papers into the search",
    "portal.tasks.index_posts_of": "Put a topic's or an author's posts into the search",
    "portal.tasks.send_news": "Send news to members",
    "portal.tasks.send_news_again": "Send news to one person",
    "portal.tasks.purge_edge": "Tell the delivery network of a change",
    "portal.ops.heartbeat.beat": "Answer the timer",
    "wagtail.tasks.delete_file_from_storage_task": "Delete a stored file",
    "wagtail.tasks.update_reference_index_task": "Note what a page uses",
    "modelsearch.tasks.insert_or_update_object_task": "Put a page into the administration's search",
}


def failed() -> QuerySet[DBTaskResult[..., object]]:
    """Whatever failed and was neither done since nor dismissed, the last one first."""
    found: QuerySet[DBTaskResult[..., object]] = DBTaskResult.objects.failed().order_by("-finished_at", "pk")
    return found


def given_up() -> QuerySet[DBTaskResult[..., object]]:
    """Of these, what the site will not try again by itself."""
    return failed().filter(queue.given_up())


def what(task: DBTaskResult[..., object]) -> str:
    return WORDS.get(task.task_path, task.task_path)


def about(task: DBTaskResult[..., object]) -> str:
    """The number of the thing, which our tasks have first, or its key, which Wagtail's have last."""
    arguments = task.args_kwargs["args"]
    if not arguments:
        return ""
    return f"no. {arguments[0]}" if isinstance(arguments[0], int) else str(arguments[-1])


def why(task: DBTaskResult[..., object]) -> str:
    """What the failure said, which is the traceback's last line after the name of the error."""
    lines = str(task.traceback).strip().splitlines()
    name, colon, said = (lines[-1] if lines else "").partition(": ")
    return (said if colon else name) or "It did not say why."


def run_again(*, tasks: Iterable[DBTaskResult[..., object]], by: User) -> int:
    """Put failed tasks back into the queue, as if they were new. Returns how many: what was done since stays done."""
    return sum(_run_again(task, by) for task in tasks)


@transaction.atomic
def _run_again(task: DBTaskResult[..., object], by: User) -> int:
    found = DBTaskResult.objects.filter(pk=task.pk)
    if not queue.put_back(found, **queue.as_new(task)):
        return 0
    _record(Action.WORK_RUN_AGAIN, task, by)
    return 1


def dismiss(*, tasks: Iterable[DBTaskResult[..., object]], by: User) -> int:
    """Forget failed tasks. Returns how many."""
    return sum(_dismiss(task, by) for task in tasks)


@transaction.atomic
def _dismiss(task: DBTaskResult[..., object], by: User) -> int:
    if not DBTaskResult.objects.failed().filter(pk=task.pk).delete()[0]:
        return 0
    _record(Action.WORK_DISMISSED, task, by)
    return 1


def _record(action: Action, task: DBTaskResult[..., object], by: User) -> None:
    audit.record(
        action, actor=by, object_kind=KIND, object_id=task.task_path.rpartition(".")[2], task=str(task.pk),
        tries=len(task.worker_ids),
    )  # fmt: skip
