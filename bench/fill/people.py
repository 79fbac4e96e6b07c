"""Members, comments and rows of the access record."""

from __future__ import annotations

import datetime
from itertools import cycle

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from bench.fill.credentials import ADDRESS, PASSWORD
from bench.fill.rows import Counter, mend_sequences, next_key, numbered, write
from bench.fill.words import VOCABULARY
from members import audit
from members.enums import Action, Decision
from members.models import AccessRecord, Membership, MembershipLevel, User
from portal.models import Comment, NewsPage
from portal.models.comments import CommentState


def members(count: int) -> None:
    """Current members; `ADDRESS` and PASSWORD sign each of them in."""
    missing = count - User.objects.count()
    if missing <= 0:
        return
    first, now, password = next_key(User), timezone.now(), make_password(PASSWORD)
    number = max(Membership.objects.values_list("number", flat=True).exclude(number=None), default=0) + 1
    level = MembershipLevel.objects.values_list("pk", flat=True).first()
    start = timezone.localdate() - datetime.timedelta(days=400)
    begun = User.objects.filter(email__endswith=ADDRESS.partition("@")[2]).count()
    keys = list(numbered(first, missing))
    write(
        User,
        (
            {
                "id": key,
                "email": ADDRESS.format(begun + place),
                "password": password,
                "date_joined": now,
                "is_active": True,
            }
            | {"first_name": VOCABULARY[place % 97].title(), "last_name": VOCABULARY[place % 2971].title()}
            for place, key in keys
        ),
    )
    first_address = next_key(EmailAddress)
    write(
        EmailAddress,
        (
            {"id": first_address + place, "user_id": key, "email": ADDRESS.format(begun + place)}
            | {"verified": True, "primary": True}
            for place, key in keys
        ),
    )
    first_membership = next_key(Membership)
    write(
        Membership,
        (
            {"id": first_membership + place, "user_id": key, "number": number + place, "level_id": level}
            | {"decision": Decision.APPROVED, "starts_on": start, "applied_at": now}
            for place, key in keys
        ),
    )
    mend_sequences(User, EmailAddress, Membership)


def comments(count: int) -> None:
    """Each on a post, one after the other; one in twenty waits for review."""
    missing = count - Comment.objects.count()
    if missing <= 0:
        return
    posts = cycle(NewsPage.objects.order_by("-pk").values_list("pk", flat=True)[:50_000])
    people = cycle(User.objects.order_by("-pk").values_list("pk", flat=True)[:50_000])
    now = timezone.now()
    write(
        Comment,
        (
            {"id": key, "post_id": next(posts), "author_id": next(people), "text": f"Remark {place}."}
            | {"state": CommentState.HELD if place % 20 == 0 else CommentState.APPEARED}
            | {"created_at": now - datetime.timedelta(minutes=place), "mailed_at": now}
            for place, key in numbered(next_key(Comment), missing)
        ),
    )
    mend_sequences(Comment)


def record(count: int) -> None:
    """Downloads, by the record's one writer; it writes the time of today."""
    missing = count - AccessRecord.objects.count()
    if missing <= 0:
        return
    from fileshare.models import SharedDocument

    papers = cycle([str(each) for each in SharedDocument.objects.values_list("uuid", flat=True)[:20_000]])
    reader = User.objects.order_by("-pk").first()
    audit.record_many(
        Action.DOWNLOADED,
        actor=reader,
        object_kind="document",
        facts=((next(papers), {"version": 1}) for _ in range(missing)),
    )
    Counter.rows += missing
