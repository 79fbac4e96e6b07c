"""What keeps robots out of the forms that everybody may send: a field that people do not see, and time to write."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.core import signing

if TYPE_CHECKING:
    from django.http import QueryDict

# Neither can be a field's own name: Wagtail makes no hyphens.
TRAP, OPENED = "your-website", "opened-at"
SOONEST, LATEST = 2, 24 * 3600  # seconds from opening the form to sending it
SALT = "members.robots"
BUSY = "More has been sent in the last hour than we can take. Your words are still here: please send them again {when}."
LOOK_AGAIN = (
    "Nothing is sent yet. Please look over your words, which are still here, and send them once more. We ask this when "
    "a form comes back within two seconds or after more than a day, as those that robots send do."
)


def is_robots(posted: QueryDict) -> bool:
    """Whether something was written where people see nothing."""
    return bool(posted.get(TRAP))


def _opened_at(posted: QueryDict) -> float:
    """When the form was opened, in seconds since 1970, as this site signed it; 0 where it did not."""
    try:
        return float(signing.loads(posted.get(OPENED, ""), salt=SALT))
    except (signing.BadSignature, TypeError, ValueError):
        return 0.0


def is_in_time(posted: QueryDict) -> bool:
    """Whether a person could have written it since the form was opened, and it was opened lately."""
    return SOONEST <= time.time() - _opened_at(posted) <= LATEST


def stamp(posted: QueryDict | None = None) -> str:
    """The signed time for a form; one that comes back with a message keeps its own, so that nobody waits again."""
    opened = _opened_at(posted) if posted is not None else 0.0
    now = time.time()
    return signing.dumps(opened if now - opened <= LATEST else now, salt=SALT)
