"""What this app, and the packages that know its people, keep about a person (see `members.personal`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from allauth.account.models import EmailAddress
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from wagtail.models import ModelLogEntry
from wagtail.tasks import delete_file_from_storage_task
from wagtail.users.models import UserProfile

from members.enums import EntryKind
from members.models import (
    AccessRecord,
    Application,
    DataExport,
    Invitation,
    MemberImport,
    Membership,
    OutgoingMail,
    RecordedWords,
    User,
)
from members.personal import Fate, Leaver, Row, register, register_forgetting, register_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def record_rows(rows: QuerySet[AccessRecord], user: User) -> Iterator[Row]:
    """Rows of the access record as a person may have them: of others it only says that it was somebody else."""
    for row in rows.order_by("pk").select_related("said").iterator(chunk_size=1000):
        said = getattr(row, "said", None)
        about_oneself = said is not None and said.about_id == user.pk
        yield {
            "at": row.at,
            "what happened": row.get_action_display(),
            "by": "you" if row.actor_id == user.pk else "somebody else" if row.actor_id else "the site",
            "kind": row.object_kind,
            "number": row.object_id,
            "reason": said.text if about_oneself and said else row.reason,
            "details": {key: value for key, value in row.details.items() if key not in ("words", "user")},
        }


def _by(user: User) -> Iterable[Row]:
    return record_rows(AccessRecord.objects.filter(actor=user), user)


def _about(user: User) -> Iterable[Row]:
    about = Q(object_kind="user", object_id=str(user.pk)) | Q(object_kind="membership", details__user=user.pk)
    return record_rows(AccessRecord.objects.filter(about).exclude(actor=user), user)


def _account(user: User) -> Iterable[Row]:
    names = ("pk", "email", "first_name", "last_name", "date_joined", "last_login", "is_active", "is_staff",
             "is_superuser", "leaves_at", "keeps_name")  # fmt: skip
    return [{name: getattr(user, name) for name in names}]


def addresses_of(user: User) -> frozenset[str]:
    """Those that the person has shown to be their own."""
    confirmed = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return frozenset({user.email, *confirmed})


def _applications(user: User) -> Iterator[Row]:
    """As the person wrote them, with what was asked, answered and decided; not the secretaries' notes to each other."""
    for each in Application.objects.received().filter(user=user).order_by("pk"):
        talk = each.entries.exclude(kind=EntryKind.NOTE).values_list("kind", "at", "text")
        yield {
            "state": each.state,
            "applied_at": each.applied_at,
            "decided_at": each.decided_at,
            "first_name": each.first_name,
            "last_name": each.last_name,
            "email": each.email,
            "organisation_name": each.organisation_name,
            "role": each.role,
            "why": each.why,
            "answers": each.answers,
            "consent_text": each.consent_text,
            "consented_at": each.consented_at,
            "letters": [{"kind": kind, "at": at, "text": text} for kind, at, text in talk],
        }


def sessions_of(numbers: set[int]) -> Iterator[Session]:
    """The sessions of some people. A session says whose it is only inside, so that all are opened."""
    wanted = {str(number) for number in numbers}
    for session in Session.objects.iterator(chunk_size=1000):
        if session.get_decoded().get("_auth_user_id") in wanted:
            yield session


def _sessions(user: User) -> Iterable[Row]:
    return [{"ends": session.expire_date} for session in sessions_of({user.pk})]


def delete_file(file: Any) -> None:
    """By the worker, which sees the task when the commit has stopped naming the object."""
    if file:
        delete_file_from_storage_task.enqueue(file.storage.deconstruct(), file.name)


def _forget(leaver: Leaver) -> None:
    """What goes beside the rows that go by their key."""
    for address in leaver.addresses:
        OutgoingMail.objects.filter(address__iexact=address).delete()
        MemberImport.objects.filter(text__icontains=address).delete()
        Application.objects.filter(email=address.lower(), user=None).delete()
        Invitation.objects.filter(email=address.lower()).delete()
    for export in DataExport.objects.filter(user=leaver.user):
        delete_file(export.file)
    profile = UserProfile.objects.filter(user=leaver.user).first()
    if profile:
        delete_file(profile.avatar)
    _forget_titles(leaver.user)
    _forget_words(leaver)


def _forget_words(leaver: Leaver) -> None:
    """What others typed beside rows about other things, such as a search of the record for this person."""
    names = {name for name in (leaver.name, *leaver.addresses) if name}
    named = Q(pk__in=[])
    for name in names | {quote_plus(name) for name in names}:
        named |= Q(text__icontains=name)
    RecordedWords.objects.filter(named).delete()


def _forget_titles(user: User) -> None:
    """Wagtail's history keeps what a thing was called: of an account and of a membership that is the name."""
    named: dict[type[Any], list[int]] = {
        User: [user.pk],
        Membership: list(Membership.objects.filter(user=user).values_list("pk", flat=True)),
    }
    for model, keys in named.items():
        entries = ModelLogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(model), object_id__in=[str(key) for key in keys]
        )
        entries.update(label=f"{model._meta.verbose_name} of a person who left", data={})


def register_all() -> None:
    """Called once, when the apps are ready."""
    register("account.EmailAddress.user", Fate.GOES, file="addresses", columns=["email", "verified", "primary"])
    register(
        "members.Membership.user", Fate.GOES, file="membership",
        columns=["number", "decision", "level__name", "organisation__name", "applied_at", "starts_on", "expires_on",
                 "ended_early", "reason"],
    )  # fmt: skip
    register(
        "members.Profile.user", Fate.GOES, file="details",
        columns=["role", "phone", "about", "organisation_asked", "is_listed", "shows_organisation", "shows_role",
                 "shows_email", "shows_phone", "shows_about"],
    )  # fmt: skip
    register(
        "members.OutgoingMail.user", Fate.GOES, file="mails",
        columns=["subject", "address", "created_at", "sent_at", "state"],
    )  # fmt: skip
    register(
        "members.MemberImport.by", Fate.NAMELESS, why_not="The files are other people's, and forgotten within a week."
    )
    register("members.Application.user", Fate.GOES, file="applications", rows=_applications)
    register(
        "members.Application.decided_by", Fate.NAMELESS,
        why_not="Applications are other people's; what you decided stands in the file “what-you-did”.",
    )  # fmt: skip
    register(
        "members.ApplicationEntry.by", Fate.NAMELESS,
        why_not="What you wrote about others is theirs; what you answered yourself is in the file “applications”.",
    )  # fmt: skip
    register(
        "members.Invitation.user", Fate.GOES, file="invitations",
        columns=["email", "first_name", "last_name", "message", "level__name", "organisation__name", "expires_on",
                 "invited_at", "accepted_at", "consent_text"],
    )  # fmt: skip
    register("members.Invitation.invited_by", Fate.NAMELESS, why_not="Invitations are those of whom you invited.")
    register("members.DataExport.user", Fate.GOES, file="exports", columns=["asked_at", "made_at", "state"])
    register("members.AccessRecord.actor", Fate.NUMBER, file="what-you-did", rows=_by)
    register(
        "members.RecordedWords.about", Fate.GOES, why_not="They stand with their rows in the file “what-was-decided”."
    )
    register("members.User_groups.user", Fate.GOES, file="groups", columns=["group__name"])
    register("members.User_user_permissions.user", Fate.GOES, file="rights", columns=["permission__codename"])
    register(
        "usersessions.UserSession.user", Fate.GOES, file="sessions",
        columns=["ip", "user_agent", "created_at", "last_seen_at"],
    )  # fmt: skip
    register(
        "socialaccount.SocialAccount.user", Fate.GOES, file="single-sign-on",
        columns=["provider", "uid", "date_joined", "last_login"],
    )  # fmt: skip
    register("mfa.Authenticator.user", Fate.GOES, file="second-steps", columns=["type", "created_at", "last_used_at"])
    register(
        "wagtailusers.UserProfile.user", Fate.GOES, file="administration-settings",
        columns=["preferred_language", "current_time_zone", "submitted_notifications", "approved_notifications",
                 "rejected_notifications", "updated_comments_notifications"],
    )  # fmt: skip
    register_rows("account", _account)
    register_rows("what-was-decided", _about)
    register_rows("sessions", _sessions)
    register_forgetting(_forget)
