"""Seeding the demonstration: everything goes through the services that the site uses. Twice changes nothing."""

from __future__ import annotations

import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    GroupCollectionPermission,
    GroupPagePermission,
    Site,
)

from fileshare.enums import Telling
from fileshare.models import Folder, ReadPaper, SharedDocument, Visit
from fileshare.services import inspect, own_papers, publish, retention, upload
from fileshare.wagtail_folders import EDITING, let_edit
from members import audit
from members.enums import Action
from members.models import Application, Membership, MembershipLevel, Organisation, User
from members.services import level as level_services
from members.services import membership as membership_services
from portal.demo import (
    announced,
    association,
    contributions,
    joining_flow,
    own_pages,
    paper_files,
    papers,
    people,
    posts,
    reading,
    site_flow,
)
from portal.models import HomePage, SiteSettings
from portal.services import site_address
from portal.services.roles import EDITORS

EDITABLE_FOLDERS_EXCEPT = ("committee",)  # the demo's editor has no business in the committee's folder


def seed() -> None:
    """Add whatever of the demonstration is not there yet."""
    administrator = _people()
    _settings()
    joining_flow.seed(people.PEOPLE)
    folders = _folders()
    _editor_rights(folders, by=administrator)
    shared = _papers(folders, administrator)
    _readers(shared)
    _reviews(shared, administrator)
    contributions.bring(folders[contributions.TAKES_CONTRIBUTIONS], editor=administrator)
    contributions.confirm(shared["evacuation-planning"])
    site_flow.seed(administrator, shared)
    own_pages.seed()


# --- People -----------------------------------------------------------------------------------------------------
def _people() -> User:
    for organisation in people.ORGANISATIONS:
        Organisation.objects.get_or_create(
            name=organisation.name,
            defaults={"abbreviation": organisation.abbreviation, "website": organisation.website},
        )
    for place, (name, grace_days) in enumerate(people.LEVELS.items()):
        if not MembershipLevel.objects.filter(name=name).exists():
            level_services.save(level=MembershipLevel(name=name, order=place, grace_days=grace_days), by=None)
    ordered = sorted(people.PEOPLE, key=lambda person: not person.is_superuser)
    users = [_person(person) for person in ordered]
    administrator = users[0]
    for person, user in zip(ordered, users, strict=True):
        has_begun = Membership.objects.filter(user=user).exists() or Application.objects.filter(user=user).exists()
        if not has_begun and person.standing != "applicant":
            _membership(person, user, administrator)
    return administrator


def _person(person: people.DemoPerson) -> User:
    user, created = User.objects.get_or_create(
        email=person.email,
        defaults={
            "first_name": person.first_name,
            "last_name": person.last_name,
            "is_superuser": person.is_superuser,
            "is_staff": person.is_superuser,
        },
    )
    if created:
        user.set_password(settings.DEMO_PASSWORD)
        user.save()
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        user.groups.set([Group.objects.get_or_create(name=name)[0] for name in person.groups])
    return user


def _membership(person: people.DemoPerson, user: User, by: User) -> None:
    """Apply, and then let the services decide; the dates are moved back so that they look like a real register's."""
    today = timezone.localdate()
    membership = Membership.objects.create(
        user=user,
        organisation=Organisation.objects.filter(name=person.organisation).first(),
        level=MembershipLevel.objects.filter(name=person.level).first(),
        number=person.number,
        applied_at=timezone.now() - datetime.timedelta(days=800),
    )
    membership = membership_services.approve(
        membership=membership, by=by, expires_on=today + datetime.timedelta(days=300)
    )
    membership.starts_on = today - datetime.timedelta(days=790)
    ends_in = people.ENDS_IN_DAYS.get(person.standing)
    if ends_in is not None:
        membership.expires_on = today + datetime.timedelta(days=ends_in)
    membership.save(update_fields=["starts_on", "expires_on"])
    if person.standing == "resigned":
        membership_services.resign(membership=membership, by=user, reason="Retired at the end of the season.")
    if person.standing == "suspended":
        membership_services.suspend(membership=membership, by=by, reason=person.reason)


def _settings() -> None:
    site_address.follow_base_url()  # the port may be another one this time
    site = Site.objects.get(is_default_site=True)
    if not site.site_name:
        site.site_name = association.NAME
        site.save()
    own, created = SiteSettings.objects.get_or_create(site=site)
    if created or own.organisation_name == SiteSettings._meta.get_field("organisation_name").default:
        own.organisation_name, own.strapline = association.NAME, association.STRAPLINE
        own.contact_email, own.footer_text = association.CONTACT_EMAIL, association.FOOTER_TEXT
        own.membership_text = association.MEMBERSHIP_TEXT
        own.social_links = [("link", {"label": label, "address": to}) for label, to in association.SOCIAL_LINKS]
        own.save()


# --- Folders and papers -----------------------------------------------------------------------------------------
def _folders() -> dict[str, Collection]:
    made: dict[str, Collection] = {}
    root = Collection.get_first_root_node()
    for place, folder in enumerate(papers.FOLDERS):
        parent = made[folder.parent] if folder.parent else root
        parent.refresh_from_db()
        collection = parent.get_children().filter(name=folder.name).first()
        if collection is None:
            collection = parent.add_child(name=folder.name)
            Folder.objects.filter(collection=collection).update(
                slug=folder.slug,
                description=folder.description,
                order=place,
                destroy_after_days=folder.destroy_after_days,
            )
            if folder.groups:
                restriction = CollectionViewRestriction.objects.create(
                    collection=collection, restriction_type=CollectionViewRestriction.GROUPS
                )
                restriction.groups.set([Group.objects.get_or_create(name=name)[0] for name in folder.groups])
        made[folder.key] = collection
    return made


def _editor_rights(folders: dict[str, Collection], by: User) -> None:
    """The demo's editors work in all folders but the committee's. Those who approve posts have no papers."""
    editors = Group.objects.filter(name=EDITORS)
    if GroupCollectionPermission.objects.filter(group__in=editors, permission__codename__in=EDITING).exists():
        return
    for folder in papers.FOLDERS:
        if folder.parent is None and folder.key not in EDITABLE_FOLDERS_EXCEPT:
            let_edit(folders[folder.key], editors, by=by)
    home = HomePage.objects.get()
    for codename in ("add_page", "change_page", "publish_page"):
        permission = Permission.objects.get(codename=codename, content_type__app_label="wagtailcore")
        GroupPagePermission.objects.get_or_create(group=editors.get(), page=home.page_ptr, permission=permission)


def _papers(folders: dict[str, Collection], by: User) -> dict[str, SharedDocument]:
    """By the demo's key. The title tells whether a paper is already there."""
    shared = {paper.key: _paper(paper, folders[paper.folder], by) for paper in papers.PAPERS}
    retention.remove_destroyed()
    return shared


def _paper(paper: papers.DemoPaper, collection: Collection, by: User) -> SharedDocument:
    existing = SharedDocument.objects.filter(title=paper.title, collection=collection).first()
    if existing is not None:
        return existing
    now = timezone.now()
    # Early in the day, so that a paper is there when the post of that day speaks of it.
    written = timezone.make_aware(datetime.datetime.combine(papers.WRITTEN_ON, datetime.time(7)))

    def in_days(days: int) -> datetime.datetime:
        return (now if days > 0 else min(now, written)) + datetime.timedelta(days=days)

    document = SharedDocument(
        title=paper.title,
        description=paper.description,
        collection=collection,
        source=Organisation.objects.filter(name=paper.source).first(),
        original_date=paper.original_date,
        marking=paper.marking,
        caveat=paper.caveat,
        telling=Telling.FOLDER,
        publish_at=in_days(paper.publish_in_days),
        expires_at=None if paper.expires_in_days is None else in_days(paper.expires_in_days),
        acknowledge_by=None if paper.confirm_in_days is None else in_days(paper.confirm_in_days).date(),
    )
    for number, version in enumerate(paper.versions, start=1):
        file = ContentFile(paper_files.make_file(paper, number), name=paper.file_name)
        if number == 1:
            upload.create(document=document, file=file, name=paper.file_name, by=by, note=version.note)
        else:
            upload.replace(document=document, file=file, name=paper.file_name, by=by, note=version.note)
        newest = document.versions.order_by("-number")[0]
        inspect.inspect(version_id=newest.pk)
        arrived = min(document.publish_at + datetime.timedelta(days=90 * (number - 1)), now)
        document.versions.filter(pk=newest.pk).update(created_at=arrived)
    document.refresh_from_db()
    document.tags.set(reading.TOPICS.get(paper.key, ()))
    document.recipients.set(User.objects.filter(email__in=paper.recipients))
    if paper.withdrawn:
        publish.withdraw(document=document, by=by, reason="Replaced by a later edition.")
    retention.destroy(document_id=document.pk)  # where its folder's rule lets it go by now
    announced.paper(document)
    return document


def _readers(shared: dict[str, SharedDocument]) -> None:
    """What people have read and put aside, moved back to their last visit."""
    if Visit.objects.exists():
        return
    newest = max(post.published_at for post in posts.POSTS if post.state == "published")
    last = min(timezone.now(), newest) - datetime.timedelta(days=reading.LAST_VISIT_DAYS)
    for email, keys in reading.READ.items():
        reader = User.objects.get(email=email)
        for place, key in enumerate(reversed(keys)):
            audit.record(
                Action.READ, actor=reader, object_kind="document", object_id=shared[key].uuid,
                version=shared[key].versions.count(),
            )  # fmt: skip
            own_papers.note_reading(document=shared[key], by=reader)
            read = ReadPaper.objects.filter(user=reader, document=shared[key])
            read.update(last_at=last - datetime.timedelta(days=5 * place))
        for key in reading.SAVED.get(email, ()):
            own_papers.save_paper(document=shared[key], by=reader)
        Visit.objects.create(user=reader, last_at=last)
        User.objects.filter(pk=reader.pk).update(news_seen_at=last)


def _reviews(shared: dict[str, SharedDocument], by: User) -> None:
    """Who looks after some papers; a paper that has its owner is left as it is."""
    for key, (email, days) in reading.REVIEWS.items():
        if shared[key].owner is None:
            day = timezone.localdate() + datetime.timedelta(days=days)
            retention.set_review(
                document=shared[key], by=by, review_on=day, owner=User.objects.get(email=email)
            )  # fmt: skip
