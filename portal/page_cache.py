"""A visitor's public page whole, before Django handles the request: a thin layer of WSGI around it.

A view says that its answer is the same for every visitor (`declare_public`); only such an answer is kept, in the
process, as long as nothing has changed (`portal.freshness`), and never with a cookie. Whoever comes with a session, and
every question beyond the known ones, goes past it.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import parse_qsl

from django.conf import settings
from django.db import close_old_connections
from django.utils.http import parse_etags

from portal import edge, packing
from portal.freshness import freshness
from portal.ops import metrics

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

Response = TypeVar("Response", bound="HttpResponseBase")
FILES = (settings.STATIC_URL, settings.MEDIA_URL)
DECLARED = "gatehouse.public_page"
VERSION, SECONDS = "gatehouse.version", "gatehouse.edge_seconds"
KNOWN_QUESTIONS = {"before", "after"}  # of lists; with anything else in it, an address is not kept
GROWS_OLD_AFTER = 60.0  # seconds: the number of reads on a page follows as late as this
MOST_BYTES, LARGEST = 32 * 1024**2, 1024**2
EVERY_WAY = (packing.BROTLI, packing.GZIP)
WAIT = 10.0  # seconds, for somebody else who makes the same page
NOT_MODIFIED_HAS = {"cache-control", "content-location", "etag", "expires", "vary"}  # RFC 9110, 15.4.5


def declare_public(request: HttpRequest, response: Response) -> Response:
    """Say that every visitor gets this answer; whoever has a session never gets a kept one, nor makes one.

    What its own view has called private stays so.
    """
    is_visitor = not request.user.is_authenticated and _personal().isdisjoint(request.COOKIES)
    is_private = _is_for_one(response) or getattr(request, "is_preview", False)
    if is_visitor and response.status_code == 200 and not is_private:
        seconds = edge.keep_for(request, request.META.get(VERSION, ""))
        response["Cache-Control"] = _for_caches(seconds)
        request.META |= {DECLARED: True, SECONDS: seconds}
    return response


def _is_for_one(response: HttpResponseBase) -> bool:
    """Whether it says itself that nobody else may have it, in small letters or large, with blanks or without."""
    said, differs = (response.headers.get(name, "").lower().split(",") for name in ("Cache-Control", "Vary"))
    directives = {each.partition("=")[0].strip() for each in said}
    return not directives.isdisjoint({"private", "no-store"}) or "*" in {each.strip() for each in differs}


def _for_caches(seconds: int) -> str:
    """Caches in front may answer a burst for a second, or as long as is said; browsers ask each time. Nobody keeps a
    page for longer than until it changes by itself."""
    seconds = int(min(seconds, freshness.seconds_left())) if seconds > 1 else 1
    return f"public, max-age=0, s-maxage={seconds}, stale-while-revalidate=1"


def public_view(view: Callable[..., Response]) -> Callable[..., Response]:
    """A view whose answer is the same for every visitor, always."""

    @functools.wraps(view)
    def declared(request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        return declare_public(request, view(request, *args, **kwargs))

    return declared


def _personal() -> set[str]:
    """The cookies that can make a page another one."""
    return {settings.SESSION_COOKIE_NAME, "messages"}


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer. `generation` and `until` (of the monotonic clock) say how long it is good, `seconds` how long a
    cache in front may keep it."""

    generation: int
    until: float
    seconds: int
    status: str
    headers: tuple[tuple[str, str], ...]
    etag: str
    bodies: dict[str, bytes]  # by how it is packed; without a name, as it is

    @property
    def size(self) -> int:
        return sum(map(len, self.bodies.values()))


class Shelf:
    """The answers of this process, those used longest ago first; thrown out from that end."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._most, self.bytes = most_bytes, 0

    def get(self, key: str, generation: int) -> Kept | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            if kept.generation != generation or time.monotonic() >= kept.until:
                self._remove(key)
                return None
            self._kept.move_to_end(key)
            return kept

    def put(self, key: str, kept: Kept) -> None:
        with self._lock:
            self._remove(key)
            self._kept[key] = kept
            self.bytes += kept.size
            while self.bytes > self._most:
                self._remove(next(iter(self._kept)))

    def _remove(self, key: str) -> None:
        gone = self._kept.pop(key, None)
        self.bytes -= gone.size if gone else 0


class Turns:
    """One thread at a time for each key; the others wait, so that a burst makes a page once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, tuple[threading.Lock, int]] = {}

    @contextlib.contextmanager
    def take(self, key: str) -> Iterator[None]:
        with self._lock:
            turn, count = self._held.get(key, (threading.Lock(), 0))
            self._held[key] = turn, count + 1
        taken = turn.acquire(timeout=WAIT)  # whoever waited so long makes it for themselves
        try:
            yield
        finally:
            if taken:
                turn.release()
            with self._lock:
                turn, count = self._held[key]
                if count == 1:
                    del self._held[key]
                else:
                    self._held[key] = turn, count - 1


class PageCache:
    """The layer. `application` is Django's own."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._shelf, self._turns = Shelf(), Turns()
        self._others: set[str] = set()  # addresses that had something of their own to say to each visitor
        self._others_of = -1

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        key = key_of(environ)
        generation = None if key is None else _generation()
        if key is None or generation is None:
            return self._application(environ, start_response)
        kept = self._shelf.get(key, generation)
        count = metrics.HIT
        if kept is None and not self._is_other(key, generation):
            with self._turns.take(key):
                kept = self._shelf.get(key, generation)
                if kept is None:
                    made = self._make(key, generation, environ, start_response)
                    if not isinstance(made, Kept):
                        return made
                    kept, count = made, metrics.MISS
        if kept is None:
            return self._application(environ, start_response)
        count.inc()
        return answer(kept, environ, start_response)

    def _is_other(self, key: str, generation: int) -> bool:
        if self._others_of != generation or len(self._others) > 10_000:
            self._others, self._others_of = set(), generation
        return key in self._others

    def _make(
        self, key: str, generation: int, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Kept | Iterable[bytes]:
        """The page, kept; or Django's answer as it is, where it is not the same for everybody."""
        asked, accepted = environ["REQUEST_METHOD"], environ.pop("HTTP_ACCEPT_ENCODING", "")
        environ[VERSION] = freshness.version()
        environ["REQUEST_METHOD"] = "GET"  # a HEAD has the headers of the page
        said: list[Any] = []
        result = self._application(environ, cast("StartResponse", lambda *given: said.extend(given)))
        # Made unpacked, whoever asks first: `answer` packs it for those who unpack it.
        environ["REQUEST_METHOD"], environ["HTTP_ACCEPT_ENCODING"] = asked, accepted
        status, headers = said[0], said[1]
        names = {name.lower() for name, _ in headers}
        if not environ.get(DECLARED) or "set-cookie" in names or _has_nonce(headers):
            self._others.add(key)
            start_response(*said)
            return result if asked == "GET" else _close(result)
        body = b"".join(result)
        _close(result)
        is_kept = len(body) <= LARGEST
        ways = EVERY_WAY if is_kept else (packing.chosen(accepted),)  # too large: for this visitor alone
        kept = _kept(generation, environ.get(SECONDS, 1), status, headers, body, ways)
        if is_kept:
            self._shelf.put(key, kept)
        return kept


def _generation() -> int | None:
    if not freshness.is_due():
        return freshness.generation()
    try:
        return freshness.generation()
    finally:
        close_old_connections()  # outside a request nobody else would


def key_of(environ: WSGIEnvironment) -> str | None:
    """What tells one public page from another; None for a request that is never answered from here."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in environ or _has_session(environ):
        return None
    if environ.get("PATH_INFO", "").startswith(FILES):
        return None  # what hands them out packs them, or has them packed already
    query = environ.get("QUERY_STRING", "")
    if query and not {name for name, _ in parse_qsl(query, keep_blank_values=True)} <= KNOWN_QUESTIONS:
        return None
    names = ("wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO", "HTTP_HOST", "PATH_INFO", "QUERY_STRING")
    return "\n".join(str(environ.get(name, "")) for name in names)


def _has_session(environ: WSGIEnvironment) -> bool:
    if "HTTP_COOKIE" not in environ:
        return False
    try:
        return not _personal().isdisjoint(SimpleCookie(environ["HTTP_COOKIE"]))
    except CookieError:
        return True  # Django reads it more leniently than we; it may be there


def _has_nonce(headers: list[tuple[str, str]]) -> bool:
    return any(name.lower() == "content-security-policy" and "'nonce-" in value for name, value in headers)


def _close(result: Iterable[bytes]) -> list[bytes]:
    """End a response of Django's whose bytes are not, or no longer, wanted."""
    close: Callable[[], None] | None = getattr(result, "close", None)
    if close:
        close()
    return []


def _kept(
    generation: int,
    seconds: int,
    status: str,
    headers: list[tuple[str, str]],
    body: bytes,
    ways: Iterable[str] = EVERY_WAY,
) -> Kept:
    # Weak: the same page, whether it travels packed or not (RFC 9110, 8.8.1).
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    own = {"content-length", "etag", "vary", "date", "cache-control", "x-request-id"}
    vary = [each.strip() for name, value in headers if name.lower() == "vary" for each in value.split(",")]
    others = [(name, value) for name, value in headers if name.lower() not in own]
    others += [("ETag", etag), ("Vary", ", ".join(dict.fromkeys([*vary, "Accept-Encoding"])))]
    bodies = {"": body} | {way: packing.packed(body, way) for way in ways if way}
    until = time.monotonic() + GROWS_OLD_AFTER
    return Kept(generation, until, seconds, status, tuple(others), etag, bodies)


def answer(kept: Kept, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """The kept page, packed for whoever unpacks it; 304 for whoever has it."""
    all_headers = [*kept.headers, ("Cache-Control", _for_caches(kept.seconds))]
    known = parse_etags(environ.get("HTTP_IF_NONE_MATCH", ""))
    if kept.etag in known or known == ["*"]:
        headers = [(name, value) for name, value in all_headers if name.lower() in NOT_MODIFIED_HAS]
        start_response("304 Not Modified", headers)
        return []
    packed = packing.chosen(environ.get("HTTP_ACCEPT_ENCODING", ""))
    body = kept.bodies[packed]
    headers = [*all_headers, ("Content-Length", str(len(body)))]
    start_response(kept.status, [*headers, ("Content-Encoding", packed)] if packed else headers)
    return [body] if environ["REQUEST_METHOD"] == "GET" else []
