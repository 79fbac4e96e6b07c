"""The mail server, asked in steps: what it was given counts only from the dot on that ends it (RFC 5321, 4.1.1.4).

Before the dot the sender may write down that the mail goes. A process that dies before that has sent nothing, since the
server forgets what was not ended; one that dies after it has a row which says so.
"""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address

AT_BEGINNING = re.compile(rb"(?m)^\.")
CLOSING = 421  # the server says goodbye: about the connection, whatever was asked (RFC 5321, section 3.8)


class AnswerLost(smtplib.SMTPServerDisconnected):
    """The mail was given whole, and the server's answer did not come: nobody can know whether it has it."""


class _InSteps:
    """For both of smtplib's classes."""

    def data(self: Any, msg: bytes | str) -> tuple[int, bytes]:
        """As smtplib's own, but that it knows when an answer was lost. Raises AnswerLost."""
        code, reply = self.docmd("data")
        if code != 354:
            raise smtplib.SMTPDataError(code, reply)
        self._send_words(msg.encode("ascii") if isinstance(msg, str) else msg)
        self.send(b".\r\n")
        return self._last_answer()

    def mail_in_steps(self: Any, sender: str, recipient: str, words: bytes) -> Iterator[None]:
        """smtplib's `sendmail` to one address. It pauses where the server has to answer, so that others can be served
        meanwhile, and before the dot: whoever goes on from the fourth pause says that the mail is to go. Raises what
        smtplib does, and AnswerLost."""
        self.ehlo_or_helo_if_needed()
        size = f" size={len(words)}" if self.does_esmtp and self.has_extn("size") else ""
        self.putcmd("mail", f"FROM:{smtplib.quoteaddr(sender)}{size}")
        yield
        self._expect((250,), lambda code, reply: smtplib.SMTPSenderRefused(code, reply, sender))
        self.putcmd("rcpt", f"TO:{smtplib.quoteaddr(recipient)}")
        yield
        self._expect((250, 251), lambda code, reply: smtplib.SMTPRecipientsRefused({recipient: (code, reply)}))
        self.putcmd("data")
        yield
        self._expect((354,), smtplib.SMTPDataError)
        self._send_words(words)
        yield
        self.send(b".\r\n")
        yield
        self._expect((250,), smtplib.SMTPDataError, self._last_answer())

    def _expect(self: Any, codes: tuple[int, ...], trouble: Any, answer: tuple[int, bytes] | None = None) -> None:
        code, reply = answer or self.getreply()
        if code not in codes:
            if code == CLOSING:
                self.close()
            else:
                self._rset()
            raise trouble(code, reply)

    def _send_words(self: Any, words: bytes) -> None:
        words = AT_BEGINNING.sub(b"..", words)
        self.send(words if words.endswith(b"\r\n") else words + b"\r\n")

    def _last_answer(self: Any) -> tuple[int, bytes]:
        try:
            answer: tuple[int, bytes] = self.getreply()
        except (OSError, ValueError) as trouble:
            self.close()
            raise AnswerLost("The server's answer to the mail was lost.") from trouble
        if answer[0] < 0:  # smtplib's word for an answer that has no number
            self.close()
            raise AnswerLost("The server's answer to the mail was no answer.")
        return answer


class _SMTP(_InSteps, smtplib.SMTP):  # type: ignore[misc]  # `msg` is bytes or text in both
    pass


class _SMTPS(_InSteps, smtplib.SMTP_SSL):  # type: ignore[misc]  # as above
    pass


class EmailBackend(smtp.EmailBackend):
    """Django's, which can also send in steps."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SMTPS if self.use_ssl else _SMTP

    def open(self) -> bool | None:
        connection: Any = self.connection
        if connection is not None and connection.sock is None:  # closed after trouble: another one
            self.connection = None
        is_new = super().open()
        if is_new:
            connection = self.connection
            # The dot goes by itself, and does not wait 40 ms for the server's word that the rest has come.
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return is_new

    def in_steps(self, address: str, words: bytes) -> Iterator[None]:
        """See `mail_in_steps`."""
        self.open()
        connection: Any = self.connection
        steps: Iterator[None] = connection.mail_in_steps(plain(settings.DEFAULT_FROM_EMAIL), plain(address), words)
        return steps

    def give_up(self) -> None:
        """In the middle of a mail, which the server then forgets: a farewell would be taken for more of it."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


@lru_cache(maxsize=64)  # the sender, and the few who are asked about in the same moment
def plain(address: str) -> str:
    """As Django gives it to smtplib, and into a header."""
    return str(sanitize_address(address, "utf-8"))
