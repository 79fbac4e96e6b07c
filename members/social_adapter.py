"""Single sign-on with OpenID Connect: for people who exist here, by an address that the other service vouches for."""

from __future__ import annotations

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Nothing of the other service is kept: each sign-in is judged by its address anew."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def list_apps(self, request: HttpRequest, provider: str = "", client_id: str = "") -> list[SocialApp]:
        """The one that the environment names; the database's table of services is never asked."""
        names = ("", settings.OIDC.get("provider_id"), "openid_connect")
        if (
            not settings.OIDC
            or (provider or "") not in names
            or client_id not in ("", None, settings.OIDC["client_id"])
        ):
            return []
        return [SocialApp(provider="openid_connect", **settings.OIDC)]

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse whoever has no account here, or an address that the service does not vouch for, with one page."""
        if not sociallogin.is_existing or sociallogin.state.get("process") not in (None, "login"):
            raise ImmediateHttpResponse(render(request, "socialaccount/no_account.html", status=403))
