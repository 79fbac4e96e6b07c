"""The person who signs in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager, Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from wagtail.models import GroupCollectionPermission, GroupPagePermission, GroupSitePermission

from members.enums import Standing
from members.models.membership import Membership
from members.plain_text import one_line, refuse_look_alikes

ADDRESS_TAKEN = (
    "There is an account with this e-mail address already, so there is nothing to add. Search for the address under "
    "Settings → Users and change that account, or decide about its membership under Members."
)


PLACES = (GroupCollectionPermission, GroupPagePermission, GroupSitePermission)


def _none_of(*rights: models.QuerySet[Any]) -> Q:
    none = Q()
    for each in rights:
        none &= ~Q(Exists(each))
    return none


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
        """Each with `without_rights`: whether neither they nor a group of theirs may do anything but read; and with
        `without_places`: whether no group of theirs works in a folder, below a page or on a site."""
        anywhere: tuple[models.QuerySet[Any], ...] = (
            User.user_permissions.through.objects.filter(user=OuterRef("pk")),
            Group.permissions.through.objects.filter(group__user=OuterRef("pk")),
        )
        somewhere = (kind.objects.filter(group__user=OuterRef("pk")) for kind in PLACES)
        nowhere = _none_of(*somewhere)
        return self.annotate(
            without_places=models.ExpressionWrapper(nowhere, models.BooleanField()),
            without_rights=models.ExpressionWrapper(
                ~Q(is_superuser=True) & _none_of(*anywhere) & Q(without_places=True), models.BooleanField()
            ),
        )

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractUser):
    """A person, named by an e-mail address.

    The address is kept in lower case, so that two spellings of one address can never be two people.
    """

    username = None  # type: ignore[assignment]  # the e-mail address is the name
    email = models.EmailField("e-mail address", unique=True, error_messages={"unique": ADDRESS_TAKEN})
    # When the person is erased, unless they come back before (members.services.erase).
    leaves_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    keeps_name = models.BooleanField(
        default=False, editable=False, help_text="Whether posts and comments keep the name of a person who leaves."
    )

    # Beside the person, so that the bell on each page of a member asks nothing for it.
    news_seen_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Until when they have seen what is new."
    )

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
        """For the administration's forms; those of applicants and members have fields that do the same."""
        self.email = self.email.strip().lower()
        self.first_name, self.last_name = one_line(self.first_name), one_line(self.last_name)
        try:
            refuse_look_alikes(self.email)
        except ValidationError as error:
            raise ValidationError({"email": error}) from error

    @property
    def is_leaving(self) -> bool:
        """Whether the person has asked to be erased: nothing is open to them but the way back."""
        return self.leaves_at is not None

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return not self.is_leaving and super().has_perm(perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        return not self.is_leaving and super().has_module_perms(app_label)

    @property
    def holds_no_rights(self) -> bool:
        """Known of whoever comes with a session (members.auth_backends); of others their rights are looked up."""
        return bool(self.__dict__.get("without_rights"))

    @property
    def works_in_no_place(self) -> bool:
        """Known as `holds_no_rights` is: such a person may do things everywhere, as a secretary, or nowhere."""
        return bool(self.__dict__.get("without_places"))

    @property
    def is_known_today(self) -> bool:
        """Whether the question that found the person, a moment ago, also asked where they stand
        (members.auth_backends): so it is of whoever comes with a session, for this one request."""
        return "standing_today" in self.__dict__

    @cached_property
    def current_membership(self) -> Membership | None:
        """The person's membership with its `standing` as of today, or None; asked once for each request."""
        return Membership.objects.with_standing().select_related("level", "organisation").filter(user=self).first()

    @property
    def standing(self) -> Standing:
        """Where the person stands today."""
        if self.is_leaving:
            return Standing.LEAVING
        if self.is_known_today:
            return Standing(self.__dict__["standing_today"] or Standing.NONE)
        membership: Any = self.current_membership
        return Standing(membership.standing) if membership else Standing.NONE

    @property
    def is_current_member(self) -> bool:
        """Whether the person is a current member (POLICY: approved, not suspended, not past `expires_on`, where the
        level's days of grace extend the day that counts)."""
        return self.standing.opens_papers
