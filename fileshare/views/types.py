"""Types for views behind the sign-in."""

from members.views.types import SignedInRequest

__all__ = ["SignedInRequest"]
