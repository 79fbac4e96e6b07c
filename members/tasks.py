"""What the worker does for members. A task takes ids, may run twice, and calls a service."""

from __future__ import annotations

from django_tasks import task

from members import mail
from members.services import export_data, import_members


@task(priority=10)  # somebody may stand there for a code, while Wagtail notes a thousand papers
def send_mail(mail_id: int) -> None:
    mail.send(mail_id=mail_id)


@task()
def make_export(export_id: int) -> None:
    export_data.make(export_id=export_id)


@task()
def check_import(import_id: int) -> None:
    import_members.check(import_id=import_id)


@task()
def carry_out_import(import_id: int) -> None:
    import_members.carry_out(import_id=import_id)
