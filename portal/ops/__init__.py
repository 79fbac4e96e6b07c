"""Running the site: health, metrics, log, scheduled work."""


def connect() -> None:
    """Have rows of the access record counted, and requests named to the tasks that they bring about."""
    from django.core.signals import request_finished  # noqa: PLC0415 -- as below
    from django.db.models.signals import post_save, pre_save  # noqa: PLC0415 -- when the models are there
    from django_tasks.signals import task_finished, task_started  # noqa: PLC0415 -- as above
    from django_tasks_db.models import DBTaskResult  # noqa: PLC0415 -- as above

    from members.models import AccessRecord  # noqa: PLC0415 -- as above
    from portal.ops import metrics, request_id  # noqa: PLC0415 -- as above

    post_save.connect(metrics.note_row, sender=AccessRecord, dispatch_uid="portal.ops.record")
    pre_save.connect(request_id.enclose, sender=DBTaskResult, dispatch_uid="portal.ops.task")
    task_started.connect(request_id.take_up, dispatch_uid="portal.ops.started")
    task_finished.connect(request_id.end, dispatch_uid="portal.ops.finished")
    request_finished.connect(request_id.end, dispatch_uid="portal.ops.finished")
