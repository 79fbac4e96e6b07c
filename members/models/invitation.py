"""An invitation to become a member: to one address, once, until a day."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from members.enums import InvitationState
from members.models.application import LONGEST_NAME, LONGEST_TEXT

if TYPE_CHECKING:
    from members.models.user import User

EXPIRED = "expired"  # what an open invitation is once its time is over; never stored
STANDINGS = {
    InvitationState.OPEN.value: "Waiting for an answer",
    EXPIRED: "Expired without an answer",
    InvitationState.ACCEPTED.value: "Accepted",
    InvitationState.REVOKED.value: "Revoked",
}


def digest_of(token: str) -> str:
    """What is kept of a link's token. It has 256 bits of chance, so that nothing slower is needed."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        """Neither accepted nor revoked; the time of some may be over."""
        return self.filter(state=InvitationState.OPEN)

    def standing_as(self, standing: str) -> InvitationQuerySet:
        """Those that stand there as of now (one of `STANDINGS`)."""
        if standing == EXPIRED:
            return self.open().filter(good_until__lte=timezone.now())
        found = self.filter(state=standing)
        return found.filter(good_until__gt=timezone.now()) if standing == InvitationState.OPEN else found


class Invitation(models.Model):
    """Whoever has the link shows that the address is theirs: it becomes the account's address."""

    email = models.EmailField("e-mail address")
    first_name = models.CharField(max_length=LONGEST_NAME, blank=True)
    last_name = models.CharField(max_length=LONGEST_NAME, blank=True)
    message = models.TextField("personal message", max_length=LONGEST_TEXT, blank=True)
    level = models.ForeignKey("members.MembershipLevel", null=True, blank=True, on_delete=models.PROTECT)
    organisation = models.ForeignKey("members.Organisation", null=True, blank=True, on_delete=models.SET_NULL)
    expires_on = models.DateField("member until", null=True, blank=True, help_text="The last day. Empty: no end.")
    state = models.CharField(max_length=8, choices=InvitationState, default=InvitationState.OPEN)
    token_digest = models.CharField(max_length=64, unique=True)
    good_until = models.DateTimeField()
    times_sent = models.PositiveSmallIntegerField(default=0)
    invited_by: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    invited_at = models.DateTimeField("invited", default=timezone.now)
    user: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    accepted_at = models.DateTimeField("accepted", null=True, blank=True)
    consent_text = models.CharField(max_length=500, blank=True)

    objects = InvitationQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-invited_at", "-pk"]
        indexes = [models.Index(fields=["state", "good_until"])]
        constraints = [
            models.UniqueConstraint(
                fields=["email"], condition=Q(state=InvitationState.OPEN), name="one_open_invitation_for_each_address"
            ),
            models.CheckConstraint(
                condition=Q(state=InvitationState.ACCEPTED, user__isnull=False, accepted_at__isnull=False)
                | (~Q(state=InvitationState.ACCEPTED) & Q(user=None, accepted_at=None)),
                name="invitation_that_is_accepted_has_its_person",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_over(self) -> bool:
        return self.good_until <= timezone.now()

    @property
    def invited_label(self) -> str:
        return date_format(timezone.localtime(self.invited_at), "j F Y")

    @property
    def good_until_label(self) -> str:
        return date_format(timezone.localtime(self.good_until), "j F Y")

    @property
    def standing(self) -> str:
        """One of `STANDINGS`, as of now."""
        return EXPIRED if self.state == InvitationState.OPEN and self.is_over else self.state

    @property
    def standing_label(self) -> str:
        return STANDINGS[self.standing]
