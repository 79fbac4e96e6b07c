"""What a member says about themselves, and how much of it other members see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from members.models.membership import Membership

if TYPE_CHECKING:
    from members.models.user import User

LONGEST_ROLE, LONGEST_PHONE, LONGEST_ABOUT = 100, 40, 200


class ProfileQuerySet(models.QuerySet["Profile"]):
    def listed(self) -> ProfileQuerySet:
        """The directory: current members who have ticked their entry, as of now."""
        current = Membership.objects.current().filter(user=models.OuterRef("user"))
        return self.filter(models.Exists(current), is_listed=True, user__is_active=True)

    def with_people(self) -> ProfileQuerySet:
        return self.select_related("user__membership__organisation")


class Profile(models.Model):
    """A member's details beyond the account's, and the directory entry: off until ticked, field by field."""

    user: models.OneToOneField[User, User] = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile"
    )
    role = models.CharField(max_length=LONGEST_ROLE, blank=True)
    phone = models.CharField(max_length=LONGEST_PHONE, blank=True)
    about = models.CharField(max_length=LONGEST_ABOUT, blank=True)
    organisation_asked = models.CharField(
        max_length=200, blank=True, help_text="As the person typed it; the membership secretary confirms it."
    )
    is_listed = models.BooleanField(default=False)
    shows_organisation = models.BooleanField(default=False)
    shows_role = models.BooleanField(default=False)
    shows_email = models.BooleanField(default=False)
    shows_phone = models.BooleanField(default=False)
    shows_about = models.BooleanField(default=False)

    objects = ProfileQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        indexes = [models.Index(fields=["is_listed", "user"])]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def name(self) -> str:
        return self.user.get_full_name()

    @property
    def shown_organisation(self) -> str:
        """As the secretary has confirmed it; empty where the member shows none."""
        membership: Membership | None = getattr(self.user, "membership", None)
        if not (self.shows_organisation and membership and membership.organisation):
            return ""
        return str(membership.organisation)

    @property
    def shown_role(self) -> str:
        return self.role if self.shows_role else ""

    @property
    def shown_email(self) -> str:
        return self.user.email if self.shows_email else ""

    @property
    def shown_phone(self) -> str:
        return self.phone if self.shows_phone else ""

    @property
    def phone_address(self) -> str:
        """For a link: the digits, and the plus before them."""
        return "".join(each for each in self.shown_phone if each.isdecimal() or each == "+")

    @property
    def shown_about(self) -> str:
        return self.about if self.shows_about else ""
