"""The secretary, the auditor, and somebody who was invited. Tests of other matters have people of their own by these
names."""

from __future__ import annotations

import pytest

from members.models import MembershipLevel, Organisation
from portal.services import roles
from tests.factories import make_invitation, make_member
from tests.members.inviting import TODAY_NEXT_YEAR
from tests.members.joining import link_in, mails_to


@pytest.fixture
def secretary():
    return make_member("secretary@example.org", groups=(roles.SECRETARIES,))


@pytest.fixture
def auditor():
    return make_member("auditor@example.org", groups=(roles.AUDITORS,))


@pytest.fixture
def admin(secretary, signed_in):
    return signed_in(secretary)


@pytest.fixture
def invited(secretary):
    """An invitation, and the page that its mail leads to."""
    level = MembershipLevel.objects.create(name="Fellow")
    invitation = make_invitation(
        "ada@example.org", by=secretary, level=level, organisation=Organisation.objects.create(name="Engines"),
        first_name="Ada", last_name="Byron", expires_on=TODAY_NEXT_YEAR, message="Welcome <b>aboard</b>.",
    )  # fmt: skip
    return invitation, link_in(mails_to("ada@example.org")[-1])
