"""Who works with pictures, and in which folders: those that the person may enter, so that the others are not named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail.images.api.admin.views import ImagesAdminAPIViewSet
from wagtail.images.models import Image
from wagtail.permission_policies.collections import CollectionOwnershipPermissionPolicy
from wagtail.permissions import policy_registry

from fileshare.access import open_collections
from portal.models import Picture

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from wagtail.api.v2.router import WagtailAPIRouter
    from wagtail.models import Collection

    from members.models import User


class PicturePolicy(CollectionOwnershipPermissionPolicy):  # type: ignore[misc]  # Wagtail has no types
    """As Wagtail's own for pictures, whose rights reach down into folders that are closed to those who hold them."""

    def __init__(self) -> None:
        super().__init__(Picture, auth_model=Image, owner_field_name="uploaded_by_user")

    def _collections_with_perm(self, user: User, actions: Iterable[str]) -> QuerySet[Collection]:
        granted: QuerySet[Collection] = super()._collections_with_perm(user, actions)
        return granted.filter(pk__in=open_collections(user).values("pk"))

    def collections_user_has_any_permission_for(self, user: User, actions: Iterable[str]) -> QuerySet[Collection]:
        """Where a picture may be put: into open folders alone, even by administrators, since it is public by its
        address (`fileshare.public_pictures`)."""
        granted: QuerySet[Collection] = super().collections_user_has_any_permission_for(user, actions)
        return granted.filter(pk__in=open_collections(None).values("pk")) if set(actions) == {"add"} else granted

    def _check_perm(self, user: User, actions: Iterable[str], collection: Collection | None = None) -> bool:
        is_granted: bool = super()._check_perm(user, actions, collection=collection)
        return is_granted and (collection is None or open_collections(user).filter(pk=collection.pk).exists())


def register_policy() -> None:
    policy_registry.register(Picture, PicturePolicy(), exact_class=True)


class PicturesAdminAPI(ImagesAdminAPIViewSet):  # type: ignore[misc]  # Wagtail has no types
    """The administration's own list of pictures, which as Wagtail has it asks no permission at all."""

    def get_queryset(self) -> QuerySet[Picture]:
        policy = policy_registry.get_by_type(Picture)
        allowed = policy.instances_user_has_any_permission_for(self.request.user, {"change", "delete", "choose"})
        listed: QuerySet[Picture] = super().get_queryset()
        return listed.filter(pk__in=allowed.values("pk"))


def register_endpoint(router: WagtailAPIRouter) -> None:
    """Take the place of Wagtail's endpoint."""
    router.register_endpoint("images", PicturesAdminAPI)
