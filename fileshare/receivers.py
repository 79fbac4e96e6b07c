"""What Wagtail changes without asking our services: collections, their privacy, and deletion."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from wagtail.log_actions import get_active_log_context
from wagtail.models import Collection, CollectionViewRestriction
from wagtail.tasks import delete_file_from_storage_task

from fileshare import folders, signals
from fileshare.models import Derivation, DocumentVersion, Folder, SharedDocument
from fileshare.services import folder_settings
from members import audit
from members.enums import Action

if TYPE_CHECKING:
    from members.models import User


def _acting() -> User | None:
    """The person behind the request in Wagtail's administration, where there is one."""
    user: User | None = get_active_log_context().user
    return user


def _collection_saved(instance: Collection, created: bool, raw: bool = False, **kwargs: Any) -> None:
    if created and not raw:
        folders.ensure_folder(instance)


def _audience_changed(instance: CollectionViewRestriction, action: str = "", **kwargs: Any) -> None:
    if action.startswith("pre_"):
        return
    audit.record(
        Action.AUDIENCE_CHANGED,
        actor=_acting(),
        object_kind="folder",
        object_id=instance.collection_id,
        restriction=instance.restriction_type,
        groups=sorted(instance.groups.values_list("name", flat=True)) if instance.pk else [],
    )


def _group_leaves_audiences(instance: Group, **kwargs: Any) -> None:
    """Before the group goes, since the rows that name it as an audience go without a signal."""
    for restriction in CollectionViewRestriction.objects.filter(groups=instance):
        audit.record(
            Action.AUDIENCE_CHANGED,
            actor=_acting(),
            object_kind="folder",
            object_id=restriction.collection_id,
            restriction=restriction.restriction_type,
            groups=sorted(restriction.groups.exclude(pk=instance.pk).values_list("name", flat=True)),
        )


def _group_leaves_contributors(instance: Group, **kwargs: Any) -> None:
    folder_settings.forget_group(group=instance, by=_acting())


def _former_versions_switched(instance: Folder, raw: bool = False, **kwargs: Any) -> None:
    """Before the save, which forgets what was."""
    before = Folder.objects.filter(pk=instance.pk).values_list("former_versions_readable", flat=True).first()
    if not raw and before not in (None, instance.former_versions_readable):
        audit.record(
            Action.AUDIENCE_CHANGED,
            actor=_acting(),
            object_kind="folder",
            object_id=instance.pk,
            former_versions_readable=instance.former_versions_readable,
        )


def _document_deleted(instance: SharedDocument, **kwargs: Any) -> None:
    audit.record(Action.DELETED, actor=_acting(), object_kind="document", object_id=instance.uuid)
    transaction.on_commit(partial(signals.document_changed.send, SharedDocument, document_id=instance.pk))


def _version_deleted(instance: DocumentVersion, **kwargs: Any) -> None:
    # By the worker, which sees the task when the commit has stopped naming the object (`portal.ops.due` tries again
    # where the store was away).
    if not instance.file:
        return  # destroyed already
    storage: Any = instance.file.storage
    delete_file_from_storage_task.enqueue(storage.deconstruct(), instance.file.name)


def _derivation_deleted(instance: Derivation, **kwargs: Any) -> None:
    # As above; the pages of text went with the version's row.
    storage: Any = instance.large.storage
    for key in instance.keys:
        delete_file_from_storage_task.enqueue(storage.deconstruct(), key)


def connect() -> None:
    """Called once, when the apps are ready."""
    post_save.connect(_collection_saved, sender=Collection, dispatch_uid="fileshare.collection_saved")
    post_save.connect(_audience_changed, sender=CollectionViewRestriction, dispatch_uid="fileshare.audience_saved")
    post_delete.connect(_audience_changed, sender=CollectionViewRestriction, dispatch_uid="fileshare.audience_deleted")
    m2m_changed.connect(
        _audience_changed, sender=CollectionViewRestriction.groups.through, dispatch_uid="fileshare.audience_groups"
    )
    pre_delete.connect(_group_leaves_audiences, sender=Group, dispatch_uid="fileshare.group_leaves_audiences")
    pre_delete.connect(
        _group_leaves_contributors, sender=Group, dispatch_uid="fileshare.group_leaves_contributors"
    )  # fmt: skip
    pre_save.connect(_former_versions_switched, sender=Folder, dispatch_uid="fileshare.former_versions_switched")
    post_delete.connect(_document_deleted, sender=SharedDocument, dispatch_uid="fileshare.document_deleted")
    post_delete.connect(_derivation_deleted, sender=Derivation, dispatch_uid="fileshare.derivation_deleted")
    post_delete.connect(_version_deleted, sender=DocumentVersion, dispatch_uid="fileshare.version_deleted")
