"""The policy's adapter for Wagtail's administration.

Wagtail's collection permissions decide who may add, change and delete. *Choosing* a paper for a post also shows it, so
that it must besides be one that the person may read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, Q, QuerySet
from wagtail.documents.models import Document
from wagtail.models import Collection, GroupCollectionPermission
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permission_policies.collections import CollectionOwnershipPermissionPolicy
from wagtail.permissions import policy_registry

from fileshare import access
from fileshare.models import Folder, SharedDocument
from members.models import Membership

if TYPE_CHECKING:
    from members.models import User

CHOOSE = "choose"


class SharedDocumentPolicy(CollectionOwnershipPermissionPolicy):
    """As Wagtail's own for documents, with choosing narrowed to what is readable, and for nobody whose membership is
    suspended or has lapsed: such a person has no papers, whatever groups they are in. Staff need not be members."""

    # Not Wagtail's, which the policy for pictures keeps on the same person: a suspended editor may still use those.
    permission_cache_name = "_paper_permission_cache"

    def __init__(self) -> None:
        super().__init__(SharedDocument, auth_model=Document, owner_field_name="uploaded_by_user")

    def get_all_permissions_for_user(self, user: User) -> QuerySet[GroupCollectionPermission]:
        if user.is_authenticated and (user.holds_no_rights or user.works_in_no_place):
            return GroupCollectionPermission.objects.none()
        rights: QuerySet[GroupCollectionPermission] = super().get_all_permissions_for_user(user)
        return rights.exclude(Exists(Membership.objects.closed().filter(user=user.pk)))

    def instances_user_has_any_permission_for(self, user: User, actions: Iterable[str]) -> QuerySet[SharedDocument]:
        wanted = set(actions)
        granted: QuerySet[SharedDocument] = super().instances_user_has_any_permission_for(user, wanted - {CHOOSE})
        # Wagtail's lists show each paper's file name, which is the version's.
        if CHOOSE not in wanted:
            return granted.select_related("current_version").prefetch_related("versions")
        choosable = super().instances_user_has_any_permission_for(user, {CHOOSE}).filter(access.visible_condition(user))
        either = SharedDocument.objects.filter(Q(pk__in=granted.values("pk")) | Q(pk__in=choosable.values("pk")))
        return either.select_related("current_version").prefetch_related("versions")

    def user_has_any_permission_for_instance(self, user: User, actions: Iterable[str], instance: Any) -> bool:
        wanted = set(actions)
        if wanted - {CHOOSE} and super().user_has_any_permission_for_instance(user, wanted - {CHOOSE}, instance):
            return True
        return CHOOSE in wanted and self._may_choose(user, instance)

    def user_has_permission_for_instance(self, user: User, action: str, instance: Any) -> bool:
        if action == CHOOSE:
            return self._may_choose(user, instance)
        return bool(super().user_has_permission_for_instance(user, action, instance))

    def collections_to_change(self, user: User) -> QuerySet[Collection]:
        """Folders in which the person may change every paper. Wagtail's own question is also answered with folders
        in which somebody may add papers and change those alone."""
        if access.is_administrator(user):
            return Collection.objects.all()
        collections: QuerySet[Collection] = self._collections_with_perm(user, {"change"})
        return collections if user.is_active else collections.none()

    def _may_choose(self, user: User, document: SharedDocument) -> bool:
        # Not `super()`, whose answer about one document asks `user_has_any_permission_for_instance` above again.
        return (
            self._check_perm(user, {CHOOSE}, collection=document.collection)
            and SharedDocument.objects.visible_to(user).filter(pk=document.pk).exists()
        )


class FolderPolicy(ModelPermissionPolicy):
    """The details of a folder belong to those who may change its papers. Folders come and go with their collections,
    so that here they are only changed."""

    ALLOWED = frozenset({"change", "view"})

    def instances_user_has_any_permission_for(self, user: User, actions: Iterable[str]) -> QuerySet[Folder]:
        if not self.ALLOWED & set(actions):
            return Folder.objects.none()
        return Folder.objects.filter(collection__in=policy().collections_to_change(user))

    def user_has_any_permission(self, user: User, actions: Iterable[str]) -> bool:
        return self.instances_user_has_any_permission_for(user, actions).exists()

    def user_has_permission(self, user: User, action: str) -> bool:
        return self.user_has_any_permission(user, {action})

    def user_has_any_permission_for_instance(self, user: User, actions: Iterable[str], instance: Folder) -> bool:
        return self.instances_user_has_any_permission_for(user, actions).filter(pk=instance.pk).exists()

    def user_has_permission_for_instance(self, user: User, action: str, instance: Folder) -> bool:
        return self.user_has_any_permission_for_instance(user, {action}, instance)


def policy() -> SharedDocumentPolicy:
    """The policy that Wagtail asks about papers."""
    registered: SharedDocumentPolicy = policy_registry.get_by_type(SharedDocument)
    return registered


def register() -> None:
    """Put our policies in place; for documents Wagtail's own, which registers itself later, stands behind ours."""
    policy_registry.register(SharedDocument, SharedDocumentPolicy(), exact_class=True)
    policy_registry.register(Folder, FolderPolicy(Folder), exact_class=True)
