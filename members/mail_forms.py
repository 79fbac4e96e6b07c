"""A mail that says the same to many: made once, with marks where each person gets words of their own.

Rendering, HTML and MIME take most of the time that a mail costs; filling a form takes a hundredth of it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import BadHeaderError
from django.utils.html import escape

from members import smtp
from members.mail import as_html, letter

# Words that nobody can write into a title beforehand; in the HTML others, since there the filling is escaped.
_OURS, _OURS_IN_HTML = secrets.token_hex(8), secrets.token_hex(8)
LONGEST = 900  # characters of a header in one line, which may have 998 (RFC 5322, section 2.1.1)
OF_EACH = re.compile(rb"(?mi)^(Date|Message-ID):.*\r\n")


def mark(name: str) -> str:
    """What stands in a form for words of this name."""
    return f"{_OURS}-{name}-"


def filled(text: str, fills: Mapping[str, str]) -> str:
    for name, words in fills.items():
        text = text.replace(mark(name), words)
    return text


class Form:
    def __init__(self, subject: str, text: str) -> None:
        """The text may have marks, the subject none."""
        self._subject, self._text = subject, text
        self._html = as_html(subject, text).replace(_OURS, _OURS_IN_HTML)
        message: Any = letter(to=[], subject=subject, text=text, html=self._html).message()
        for part in message.walk():
            if part["Content-Transfer-Encoding"] == "7bit":  # it may be filled with more than ASCII
                part.replace_header("Content-Transfer-Encoding", "8bit")
        head, _, self._body = message.as_bytes(linesep="\r\n").partition(b"\r\n\r\n")
        self._head = OF_EACH.sub(b"", head + b"\r\n")
        marks = text.count(_OURS), self._html.count(_OURS_IN_HTML)
        # Not where a line is so long that the parts are encoded: then each mail is made by itself.
        self._is_open = tuple(self._body.count(each.encode()) for each in (_OURS, _OURS_IN_HTML)) == marks

    def message(self, address: str, headers: Mapping[str, str], fills: Mapping[str, str]) -> EmailMultiAlternatives:
        """As any other mail."""
        html = self._html
        for name, words in fills.items():
            html = html.replace(self._mark_in_html(name), str(escape(words)))
        made = letter(to=[address], subject=self._subject, text=filled(self._text, fills), html=html)
        made.extra_headers |= headers
        return made

    def as_bytes(self, address: str, headers: Mapping[str, str], fills: Mapping[str, str]) -> bytes:
        """The same as a server gets it. Raises BadHeaderError."""
        own = {"To": smtp.plain(address), "Date": formatdate(), **headers}
        if not (self._is_open and all(value.isascii() and len(value) < LONGEST for value in own.values())):
            message: Any = self.message(address, headers, fills).message()
            return bytes(message.as_bytes(linesep="\r\n"))
        if any(end in value for value in own.values() for end in "\r\n"):
            raise BadHeaderError("A header of a mail has a line of its own.")
        lines = "".join(f"{name}: {value}\r\n" for name, value in own.items())
        body = self._body
        for name, words in fills.items():
            body = body.replace(mark(name).encode(), _in_lines(words).encode())
            body = body.replace(self._mark_in_html(name).encode(), _in_lines(escape(words)).encode())
        return self._head + lines.encode() + b"\r\n" + body

    @staticmethod
    def _mark_in_html(name: str) -> str:
        return f"{_OURS_IN_HTML}-{name}-"


def _in_lines(words: str) -> str:
    """A filled word stays within its line."""
    return " ".join(words.splitlines())
