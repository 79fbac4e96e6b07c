"""Log lines, for people or, as one JSON object a line, for machines that collect them.

A log is read by more people than the site's data, and kept elsewhere: no line names a person's e-mail address, and none
holds what would open a door, be it in an address that was asked for or in what a database or a library complains of.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

from portal.ops.request_id import current

LONGEST, TAIL = 8192, 512  # characters of a line; of these the last, where the cut may go through what is to be hidden
# Text of any length comes from outside: each repetition is bounded, and few places begin a match.
HIDDEN = (
    # A password in the address of a database or a mail server.
    (re.compile(r"://[^\s/@:]{0,2048}:[^\s/]{0,2048}@"), "://[secret]@"),
    (re.compile(r"(?<!\w)\w[\w.+%'-]{0,127}@[\w-]{1,255}(?:\.[\w-]{1,255}){1,32}"), "[address]"),
    # Whatever was asked beyond the path.
    (re.compile(r"\?[^\s\"'<>]{0,256}=[^\s\"'<>]{0,8192}"), "?[question]"),
    # Keys of links and sessions. A paper's UUID and where its bytes lie open nothing, and the operator needs them.
    (
        re.compile(
            r"(?<![\w:-])(?<!papers/[0-9a-f]{2}/)(?<!previews/[0-9a-f]{2}/)"
            r"(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w:-]))"
            r"(?=[\w:-]{0,8192}\d)(?=[\w:-]{0,8192}[A-Za-z])[\w:-]{20,8192}"
        ),
        "[key]",
    ),
    (
        re.compile(r"(?<=/)(?=[\w:-]{0,8192}[A-Z])(?=[\w:-]{0,8192}[a-z])[\w:-]{20,8192}(?![\w:.-])"),
        "[key]",
    ),
)


def redact(text: str) -> str:
    """The text without people's addresses and without secrets. A very long line of it is cut, and ends with `…`."""
    return "\n".join(map(_redact_line, text.split("\n")))


def _redact_line(line: str) -> str:
    found = line[:LONGEST]
    for pattern, word in HIDDEN:
        found = pattern.sub(word, found)
    return found if len(line) <= LONGEST else f"{found[:-TAIL]}…"


class PlainFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """Time (UTC, ISO 8601), level, logger and message; the request's name and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if name := current():
            line["request"] = name
        if record.exc_info:
            line["traceback"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
