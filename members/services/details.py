"""What members change about themselves, and what the secretary decides about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction

from members import audit, mail
from members.enums import Action
from members.models import Membership, Organisation, Profile, User
from members.services.membership import not_about_oneself

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTRY = ("is_listed", "shows_organisation", "shows_role", "shows_email", "shows_phone", "shows_about", "about")


def _profile(user: User) -> Profile:
    """The person's own, locked; made when it is first wanted."""
    Profile.objects.get_or_create(user=user)
    return Profile.objects.select_for_update(no_key=True).get(user=user)


def _changes(thing: User | Profile, wanted: Mapping[str, object]) -> list[str]:
    changed = [name for name, value in wanted.items() if getattr(thing, name) != value]
    for name in changed:
        setattr(thing, name, wanted[name])
    return changed


@transaction.atomic
def change_details(
    *, user: User, first_name: str, last_name: str, role: str, phone: str, organisation: str = ""
) -> list[str]:
    """Save the person's own details, and say which of them changed. The record has the fields, never the words.

    Another organisation waits for the secretary: TLP:AMBER lets papers go to the whole of a reader's organisation.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    profile = _profile(user)
    names = _changes(person, {"first_name": first_name, "last_name": last_name})
    asked = organisation if _is_another(user, organisation) else ""
    others = _changes(profile, {"role": role, "phone": phone, "organisation_asked": asked})
    if names:
        person.full_clean(exclude=["password"])
        person.save(update_fields=names)
        user.first_name, user.last_name = person.first_name, person.last_name
    profile.full_clean()
    profile.save()
    changed = [*names, *("organisation" if name == "organisation_asked" else name for name in others)]
    if changed:
        audit.record(Action.DETAILS_CHANGED, actor=user, object_kind="user", object_id=user.pk, changed=sorted(changed))
    return changed


def _is_another(user: User, organisation: str) -> bool:
    membership = Membership.objects.select_related("organisation").filter(user=user).first()
    if membership is None or not organisation:
        return False
    present = membership.organisation
    return not (present and organisation.casefold() in (present.name.casefold(), present.abbreviation.casefold()))


@transaction.atomic
def change_directory_entry(*, user: User, entry: Mapping[str, object]) -> Profile:
    """Save what other members see. Raises ValidationError for an entry without a name."""
    profile = _profile(user)
    changed = _changes(profile, {name: entry[name] for name in ENTRY})
    if profile.is_listed and not user.get_full_name():
        raise ValidationError("Please give your name under “Details” first: an entry begins with it.")
    profile.full_clean()
    profile.save()
    if changed:
        audit.record(
            Action.DIRECTORY_CHANGED, actor=user, object_kind="user", object_id=user.pk, changed=sorted(changed)
        )
    return profile


@transaction.atomic
def decide_organisation(*, membership: Membership, by: User, name: str, confirmed: bool) -> Membership:
    """Enter the organisation that a member asked for, by the name that the secretary gives it, or leave the old one.

    Raises ValidationError when nothing is asked any more, there is no name, or it is the secretary's own membership.
    """
    not_about_oneself(membership, by)
    membership = Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    profile = _profile(membership.user)
    asked, profile.organisation_asked = profile.organisation_asked, ""
    if not asked:
        raise ValidationError("This has been decided already, or the member has taken it back.")
    if confirmed:
        name = " ".join(name.split())
        if not name:
            raise ValidationError({"name": "Please give the organisation's name."})
        known = Organisation.objects.filter(name__iexact=name).first()
        membership.organisation = known or Organisation(name=name)
        membership.organisation.full_clean()
        membership.organisation.save()
        membership.save(update_fields=["organisation"])
    profile.save(update_fields=["organisation_asked"])
    row = audit.record(
        Action.ORGANISATION_DECIDED, actor=by, object_kind="membership", object_id=membership.number or "",
        words=f"{asked}: {'entered' if confirmed else 'not entered'}", about=membership.user,
        user=membership.user_id,
    )  # fmt: skip
    mail.post(
        to=membership.user,
        occasion=f"organisation {row.pk}",
        template="organisation_decided",
        context={"asked": asked, "confirmed": confirmed, "organisation": membership.organisation},
    )
    return membership
