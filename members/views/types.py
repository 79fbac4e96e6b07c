"""Types for views behind the sign-in."""

from django.http import HttpRequest

from members.models import User


class SignedInRequest(HttpRequest):
    """A request that LoginRequiredMiddleware has let through."""

    user: User  # type: ignore[assignment]  # never anonymous here
