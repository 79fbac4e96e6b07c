"""A reader who is nobody in particular: the member for whom a page is previewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser

from members.enums import Standing

if TYPE_CHECKING:
    from members.models import User


class AnyMember(AnonymousUser):
    """A current member, whoever it is: in no group, named on no paper, with no right but to read.

    It never signs in: only a preview is made for it, and `shown_to` is the person who looks at that preview. What is
    closed to that person stays closed (`fileshare.access`). It has no key, as Django's own AnonymousUser has none.
    """

    is_active: bool = True  # type: ignore[assignment]  # Django's stubs say that nobody in particular never is
    is_current_member = True
    is_leaving = False
    standing = Standing.CURRENT
    current_membership = None
    email = ""

    def __init__(self, *, shown_to: User) -> None:
        super().__init__()
        self.shown_to = shown_to

    def __str__(self) -> str:
        return "A member"

    @property
    def is_authenticated(self) -> Any:
        return True

    def get_full_name(self) -> str:
        """As the page's head names whoever is signed in."""
        return str(self)
