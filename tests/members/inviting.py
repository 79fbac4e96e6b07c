"""Where invitations are in the administration, and what its pages say."""

from __future__ import annotations

import datetime

from django.utils import timezone

TODAY_NEXT_YEAR = timezone.localdate() + datetime.timedelta(days=365)
LIST = "/admin/snippets/members/invitation/"
HAS_ONE = "ada@example.org has an invitation already. Send that one again, or take it back first."
MEMBER = "member@example.org belongs to a current member, Pat Person."
