"""People who have done what markings ask before a copy leaves."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from fileshare.models import DocumentVersion, SharedDocument, TermsAcceptance
from fileshare.services import terms

if TYPE_CHECKING:
    import pytest
    from django.test import Client

    from members.models import User


def stamp_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of who gets what: a person's own copy is what it is made of (what is stamped is for
    tests/fileshare/test_stamp.py, that it is for test_stamped_copies.py)."""

    def make(source: str, target: str, words: object, **_: object) -> bytes:
        shutil.copy(source, target)
        return b""

    monkeypatch.setattr("fileshare.derivatives.stamp.make", make)


def accept_terms(papers: Iterable[SharedDocument], *people: User) -> None:
    """All versions of the papers, for each of these people."""
    text, versions = terms.current(), list(DocumentVersion.objects.filter(document__in=papers))
    TermsAcceptance.objects.bulk_create(
        (TermsAcceptance(user=person, version=version, terms=text) for person in people for version in versions),
        ignore_conflicts=True,
    )


def note_signing_in(client: Client, *methods: str, ago: int = 0) -> None:
    """As allauth keeps it, so many seconds ago; "mfa" stands for a second factor or a passkey."""
    session = client.session
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session["account_authentication_methods"] = [{"method": each, "at": time.time() - ago} for each in methods]
    session.save()
