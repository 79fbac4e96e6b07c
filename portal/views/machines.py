"""Addresses for machines: what search engines may read, whom to tell of a weakness, the picture beside a link."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal import cards
from portal.models import NewsPage, SiteSettings
from portal.page_cache import public_view
from portal.page_meta import card_of

# Nothing below these is for robots: they would be sent to sign in, or never come to an end of searching.
FOR_PEOPLE_ALONE = ("/account/", "/admin/", "/files/", "/members/", "/search/")
FAVICON = settings.BASE_DIR / "static" / "icons" / "favicon-32.png"
CARD_KEPT_FOR = 7 * 24 * 3600  # seconds; to draw one takes a tenth of a second
PAPER = "#fffdf9"  # as in static/css/tokens.css; the dark scheme's stands in templates/components/icons.html
GOOD_FOR = datetime.timedelta(days=180)  # RFC 9116, 2.5.5: less than a year


@login_not_required
@require_safe
@cache_control(public=True, max_age=86_400)
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers and feed readers ask for this one without looking at any page."""
    return HttpResponse(FAVICON.read_bytes(), content_type="image/png")


@login_not_required
@public_view
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {address}" for address in FOR_PEOPLE_ALONE)]
    lines += ["", f"Sitemap: {settings.BASE_URL}/sitemap.xml", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
@cache_control(public=True, max_age=86_400)
def manifest(request: HttpRequest) -> HttpResponse:
    """What a telephone needs to keep the site on its home screen (https://www.w3.org/TR/appmanifest/)."""
    site = SiteSettings.for_request(request)

    def icon(size: int, purpose: str) -> dict[str, str]:
        address = static(f"icons/icon-{size}.png")
        return {"src": address, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}

    described = {
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "name": site.organisation_name,
        "description": site.strapline,
        "lang": "en-GB",
        "display": "minimal-ui",
        "background_color": PAPER,
        "theme_color": PAPER,
        # The mark keeps well within the circle that some systems cut out.
        "icons": [icon(192, "any"), icon(512, "any"), icon(512, "maskable")],
    }
    return JsonResponse(described, content_type="application/manifest+json")


@login_not_required
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116. Without an address to write to there is no such file."""
    contact = SiteSettings.for_request(request).contact_email
    if not contact:
        raise Http404("No contact address in the site settings.")
    expires = (timezone.now() + GOOD_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: mailto:{contact}",
        f"Expires: {expires.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.BASE_URL}/.well-known/security.txt",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Where password managers send people (https://w3c.github.io/webappsec-change-password-url/)."""
    return redirect("account_change_password")


@login_not_required
@require_safe
@cache_control(public=True, max_age=86_400)
def passkey_endpoints(request: HttpRequest) -> HttpResponse:
    """Where password managers offer passkeys (https://w3c.github.io/webappsec-passkey-endpoints/)."""
    places = {"enroll": "mfa_add_webauthn", "manage": "mfa_list_webauthn"}
    return JsonResponse({name: f"{settings.BASE_URL}{reverse(place)}" for name, place in places.items()})


@login_not_required
@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def card(request: HttpRequest, post_id: str, digest: str) -> HttpResponse:
    """The picture of a listed post, at the address that names what it shows; any other address does not exist."""
    post = get_object_or_404(NewsPage.objects.listed().for_cards(), pk=int(post_id))
    shown = card_of(post, SiteSettings.for_request(request))
    if cards.digest(**shown) != digest:
        raise Http404("The post has changed.")
    etag = f'"{digest}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        drawn = cache.get_or_set(f"card.{digest}", lambda: cards.draw(**shown), CARD_KEPT_FOR)
        response = HttpResponse(drawn, content_type="image/png")
    response["ETag"] = etag
    return response
