"""Leaving: a request with a way back, and the erasure when nobody came back.

The account goes with everything that hangs on it. The access record keeps its rows: they name the account's and the
membership's number, which lead to nobody from then on. What must go, and what stays without a name, is registered table
by table (`members.personal`).
"""

from __future__ import annotations

import datetime
import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from members import audit, mail, personal, personal_data
from members.enums import Action, MailState
from members.models import ErasedPerson, Membership, OutgoingMail, User
from members.personal import Leaver
from members.services import erased_list

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger(__name__)
FAREWELL = "farewell "  # how the occasions of the last mail begin
WAITS_FOR = datetime.timedelta(days=7)  # for a mail server that is away, before the last mail is given up


@transaction.atomic
def leave(*, user: User, by: User, keeps_name: bool) -> User:
    """Close the papers to a person at once, and erase them after `LEAVING_DAYS`, unless they come back.

    Raises ValidationError for whoever is leaving already, for the last administrator, and where a secretary asks for
    an administrator.
    """
    administrators = _other_administrators(user)
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if user.is_leaving:
        raise ValidationError("This has been asked for already.")
    if user.is_superuser and not administrators:
        raise ValidationError(
            "The last administrator cannot leave: nobody could look after the site. Please make somebody else an "
            "administrator first."
        )
    if user.is_superuser and not by.is_superuser:
        raise ValidationError("Only an administrator can do this for an administrator.")
    user.leaves_at = timezone.now() + datetime.timedelta(days=settings.LEAVING_DAYS)
    user.keeps_name = keeps_name
    user.save(update_fields=["leaves_at", "keeps_name"])
    audit.record(
        Action.LEAVING_ASKED, actor=by, object_kind="user", object_id=user.pk, keeps_name=keeps_name,
        leaves_at=user.leaves_at.isoformat(),
    )  # fmt: skip
    mail.post(
        to=user,
        occasion=f"leaving {user.pk} {user.leaves_at.isoformat()}",
        template="leaving",
        context={"by_oneself": by == user},
    )
    return user


def _other_administrators(user: User) -> list[int]:
    """Who would remain. Locked, so that the last two cannot leave at the same moment."""
    everybody = User.objects.select_for_update(no_key=True).filter(is_superuser=True, is_active=True).order_by("pk")
    return [each.pk for each in everybody if each.pk != user.pk and not each.is_leaving]


@transaction.atomic
def come_back(*, user: User) -> User:
    """Stay after all; everything is as it was. Raises ValidationError for whoever is not leaving."""
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not user.is_leaving:
        raise ValidationError("You are not leaving.")
    user.leaves_at, user.keeps_name = None, False
    user.save(update_fields=["leaves_at", "keeps_name"])
    audit.record(Action.LEAVING_WITHDRAWN, actor=user, object_kind="user", object_id=user.pk)
    return user


# --- What time brings -------------------------------------------------------------------------------------------
def erase_due() -> None:
    """Erase everybody whose time has come."""
    due = list(User.objects.filter(leaves_at__lte=timezone.now()).values_list("pk", flat=True))
    end_sessions(number for number in due if erase(user_id=number))
    erased_list.keep()


def erase(*, user_id: int) -> bool:
    """Erase one person whose time has come. Whether it was done: a second run finds nobody."""
    with transaction.atomic():
        administrators = set(User.objects.filter(is_superuser=True, is_active=True).values_list("pk", flat=True))
        # Wholly, since the row goes: what refers to it from now on must not come between and stay.
        user = User.objects.select_for_update().filter(pk=user_id, leaves_at__lte=timezone.now()).first()
        if user is None:
            return False
        if administrators == {user.pk}:
            logger.error("Account %s is due to be erased, but is the last administrator.", user.pk)
            return False
        address, first_name = user.email, user.first_name
        _erase(user, keeps_name=user.keeps_name)
        words = mail.words_of("left", {"person": {"first_name": first_name}})
        mail.post(to=address, occasion=f"{FAREWELL}{user_id}", words=words)
    return True


def _erase(user: User, *, keeps_name: bool) -> None:
    membership = Membership.objects.filter(user=user).first()
    number = membership.number if membership else None
    own = personal_data.addresses_of(user)
    personal.forget(Leaver(user=user, keeps_name=keeps_name, name=user.get_full_name(), addresses=own))
    audit.record(Action.PERSON_ERASED, actor=None, object_kind="user", object_id=user.pk, keeps_name=keeps_name)
    ErasedPerson.objects.update_or_create(
        number=user.pk,
        defaults={"mark": erased_list.mark_of(user), "member_number": number, "keeps_name": keeps_name},
    )
    user.delete()


def end_sessions(numbers: Iterable[int]) -> None:
    gone = set(numbers)
    if gone:
        for session in personal_data.sessions_of(gone):
            session.delete()


def forget_farewells() -> None:
    """The last mail names an address, and goes once it is sent, or cannot be sent."""
    mails = OutgoingMail.objects.filter(occasion__startswith=FAREWELL)
    mails.filter(state__in=[MailState.SENT, MailState.REFUSED]).delete()
    mails.filter(created_at__lt=timezone.now() - WAITS_FOR).delete()


# --- After a restore --------------------------------------------------------------------------------------------
def apply_list(entries: Iterable[erased_list.Entry] | None = None) -> list[int]:
    """Erase again whoever a restored copy of the database has brought back. Returns their numbers.

    Without mail: these people have had theirs.
    """
    done = []
    for entry in erased_list.read() if entries is None else entries:
        with transaction.atomic():
            erased_list.enter(entry)
            user = User.objects.select_for_update().filter(pk=entry.number).first()
            if user is not None and erased_list.mark_of(user) == entry.mark:
                _erase(user, keeps_name=entry.keeps_name)
                done.append(entry.number)
    end_sessions(done)
    erased_list.keep()
    return done


def apply_list_after_restore() -> None:
    """Where the file names somebody whom the database does not know as erased, the database is an older copy."""
    known = set(ErasedPerson.objects.values_list("number", flat=True))
    unknown = [entry for entry in erased_list.read() if entry.number not in known]
    if unknown and (again := apply_list(unknown)):
        logger.warning("%s people whom a restored database had brought back were erased again.", len(again))
