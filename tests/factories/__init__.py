"""Making people, folders, papers and posts for tests: through the services wherever they have one."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from unittest.mock import patch

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.models import Collection, CollectionViewRestriction, GroupCollectionPermission

from fileshare.enums import Change
from fileshare.inspection.pdf import PdfFacts
from fileshare.models import SharedDocument
from fileshare.services import inspect, upload
from members.enums import Decision
from members.models import Application, Invitation, Membership, User
from members.services import apply, decide, invite
from portal.models import NewsIndexPage, NewsPage

PASSWORD = "correct horse battery"
# What the inspection finds in `minimal_pdf`, as tests/fileshare/test_pdf.py has it.
PLAIN_PDF = PdfFacts(pages=1)
_numbers = itertools.count(1)


def minimal_pdf(text: str = "A paper", pages: int = 1) -> bytes:
    """A small real PDF, different for each text."""
    from io import BytesIO

    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    canvas = Canvas(out, invariant=1)
    for number in range(1, pages + 1):
        canvas.drawString(72, 720, f"{text}, page {number}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def make_user(email: str = "", *, groups: tuple[str, ...] = (), **fields: Any) -> User:
    """A person with a verified address and PASSWORD."""
    email = email or f"person{next(_numbers)}@example.org"
    user = User.objects.create_user(email, PASSWORD, **{"first_name": "Pat", "last_name": "Person", **fields})
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    for name in groups:
        user.groups.add(Group.objects.get_or_create(name=name)[0])
    return user


def make_member(email: str = "", *, standing: str = "current", **fields: Any) -> User:
    """A person whose membership is `current`, `applicant`, `lapsed` or `suspended`."""
    user = make_user(email, **fields)
    today = timezone.localdate()
    membership = Membership(user=user)
    if standing != "applicant":
        membership.number = next(_numbers)
        membership.starts_on = today - datetime.timedelta(days=400)
        membership.decision = Decision.SUSPENDED if standing == "suspended" else Decision.APPROVED
    if standing == "lapsed":
        membership.expires_on = today - datetime.timedelta(days=1)
    membership.save()
    return user


def make_application(
    user: User | None = None, *, state: str = "new", by: User | None = None, **facts: Any
) -> Application:
    """An application of an account without a password, in one of its states; `by` is the secretary who acted."""
    if user is None:
        user = make_user(facts.pop("email", ""))
        user.set_unusable_password()
        user.save()
    usual = {"first_name": user.first_name, "last_name": user.last_name, "why": "To learn.", "consent_text": "I agree."}
    application = apply.submit(user=user, written=apply.Written(**usual | facts))
    if state == "withdrawn":
        apply.withdraw(application=application)
    elif state != "new":
        by = by or make_administrator()
        words = {"words": ("A decision", "Good day")}
        acts = {
            "review": lambda: decide.take_up(application=application, by=by),
            "asked": lambda: decide.ask(application=application, by=by, question="Which one?"),
            "approved": lambda: decide.approve(application=application, by=by, **words),
            "declined": lambda: decide.decline(application=application, by=by, **words),
        }
        acts[state]()
    application.refresh_from_db()
    return application


def make_invitation(email: str = "", *, by: User | None = None, message: str = "", **facts: Any) -> Invitation:
    """An invitation that was sent; its link stands in the mail (`tests.members.joining.link_in_mail`)."""
    email = email or f"person{next(_numbers)}@example.org"
    invitee = invite.Invitee(email=email, **facts)
    [invitation] = invite.invite(invitees=[invitee], by=by or make_administrator(), message=message)
    return invitation


def make_administrator(email: str = "", **fields: Any) -> User:
    return make_member(email, is_superuser=True, is_staff=True, **fields)


def make_editor_of(
    collection: Collection, email: str = "", *, actions: tuple[str, ...] = ("add", "change", "choose")
) -> User:
    """A current member who may change the papers of one folder, and enter the administration."""
    from django.contrib.auth.models import Permission

    user = make_member(email)
    group = Group.objects.create(name=f"Editors of {collection.name} {next(_numbers)}")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for action in actions:
        permission = Permission.objects.get(codename=f"{action}_document", content_type__app_label="wagtaildocs")
        GroupCollectionPermission.objects.create(group=group, collection=collection, permission=permission)
    user.groups.add(group)
    return user


def make_folder(name: str = "", *, parent: Collection | None = None, groups: tuple[str, ...] = ()) -> Collection:
    """A collection with its folder; `groups` restricts its audience."""
    above = parent or Collection.get_first_root_node()
    above.refresh_from_db()
    collection = above.add_child(name=name or f"Folder {next(_numbers)}")
    if groups:
        restriction = CollectionViewRestriction.objects.create(
            collection=collection, restriction_type=CollectionViewRestriction.GROUPS
        )
        restriction.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])
    return collection


@contextmanager
def _known() -> Iterator[None]:
    with (
        patch.object(inspect, "examine", lambda path: PLAIN_PDF),
        patch.object(inspect.stamp, "works", lambda path: True),
    ):
        yield


def make_paper(
    title: str = "",
    *,
    collection: Collection | None = None,
    content: bytes | None = None,
    file_name: str = "paper.pdf",
    recipients: tuple[User, ...] = (),
    inspected: bool = True,
    by: User | None = None,
    **fields: Any,
) -> SharedDocument:
    """A paper with one inspected version, published a day ago unless `publish_at` says otherwise.

    What the inspection finds in our own plain PDF is known: a process for each paper would cost more than most tests.
    """
    title = title or f"Paper {next(_numbers)}"
    fields.setdefault("publish_at", timezone.now() - datetime.timedelta(days=1))
    document = SharedDocument(title=title, collection=collection or Collection.get_first_root_node(), **fields)
    file = ContentFile(minimal_pdf(title) if content is None else content, name=file_name)
    upload.create(document=document, file=file, name=file_name, by=by)
    if inspected:
        with _known() if content is None else nullcontext():
            inspect.inspect(version_id=document.versions.get().pk)
    document.recipients.set(recipients)
    document.refresh_from_db()
    return document


def add_version(
    document: SharedDocument,
    content: bytes,
    *,
    file_name: str = "paper.pdf",
    inspected: bool = True,
    change: Change = Change.MAJOR,
) -> None:
    """Replace the paper's file."""
    file = ContentFile(content, name=file_name)
    version = upload.replace(document=document, file=file, name=file_name, by=None, change=change)
    if inspected:
        inspect.inspect(version_id=version.pk)
    document.refresh_from_db()


def make_post(
    title: str = "", *, body: list[tuple[str, Any]] | None = None, live: bool = True, **fields: Any
) -> NewsPage:
    """A post below the news list."""
    title = title or f"Post {next(_numbers)}"
    fields.setdefault("published_at", timezone.now() - datetime.timedelta(hours=1))
    page = NewsPage(
        title=title,
        standfirst=fields.pop("standfirst", f"Standfirst of {title}."),
        body=body or [],
        live=live,
        **fields,
    )
    NewsIndexPage.objects.get().add_child(instance=page)
    return page
