"""The person who signs in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager, Group
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from members.enums import Standing
from members.models.membership import Membership

ADDRESS_TAKEN = (
    "There is an account with this e-mail address already, so there is nothing to add. Search for the address under "
    "Settings → Users and change that account, or decide about its membership under Members."
)


class UserManager(BaseUserManager["User"]):
    """Makes people by their e-mail address alone."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        if not email:
            raise ValueError("A person needs an e-mail address.")
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def saying_whether_they_hold_rights(self) -> models.QuerySet[User]:
        """Each with `without_rights`: whether neither they nor a group of theirs may do anything but read."""
        rights: tuple[models.QuerySet[Any], ...] = (
            User.user_permissions.through.objects.filter(user=OuterRef("pk")),
            Group.permissions.through.objects.filter(group__user=OuterRef("pk")),
            GroupCollectionPermission.objects.filter(group__user=OuterRef("pk")),
            GroupPagePermission.objects.filter(group__user=OuterRef("pk")),
        )
        none: Q = ~Q(is_superuser=True)
        for each in rights:
            none &= ~Q(Exists(each))
        return self.annotate(without_rights=models.ExpressionWrapper(none, models.BooleanField()))

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractUser):
    """A person, named by an e-mail address.

    The address is kept in lower case, so that two spellings of one address can never be two people.
    """

    username = None  # type: ignore[assignment]  # the e-mail address is the name
    email = models.EmailField("e-mail address", unique=True, error_messages={"unique": ADDRESS_TAKEN})

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]  # keyed by e-mail, not user name

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.email = self.email.strip().lower()

    @property
    def holds_no_rights(self) -> bool:
        """Known of whoever comes with a session (members.auth_backends); of others their rights are looked up."""
        return bool(self.__dict__.get("without_rights"))

    @cached_property
    def current_membership(self) -> Membership | None:
        """The person's membership with its `standing` as of today, or None; asked once for each request."""
        return Membership.objects.with_standing().select_related("level", "organisation").filter(user=self).first()

    @property
    def standing(self) -> Standing:
        """Where the person stands today."""
        membership: Any = self.current_membership
        return Standing(membership.standing) if membership else Standing.NONE

    @property
    def is_current_member(self) -> bool:
        """Whether the person is a current member (POLICY: approved, not suspended, not past `expires_on`)."""
        return self.standing == Standing.CURRENT
