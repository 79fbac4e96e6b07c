"""The mail server, asked in two steps: what it was given counts only from the dot on that ends it (RFC 5321, 4.1.1.4).

Before the dot the sender may write down that the mail goes. A process that dies before that has sent nothing, since the
server forgets what was not ended; one that dies after it has a row which says so.
"""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Callable
from typing import Any

from django.core.mail.backends import smtp

AT_BEGINNING = re.compile(rb"(?m)^\.")


class NotEnded(Exception):
    """Whoever was asked before the dot would rather not send this mail. The server has forgotten it."""


class AnswerLost(smtplib.SMTPServerDisconnected):
    """The mail was given whole, and the server's answer did not come: nobody can know whether it has it."""


class _AskingBeforeTheEnd:
    """For both of smtplib's classes."""

    before_end: Callable[[], bool] | None = None

    def data(self: Any, msg: bytes | str) -> tuple[int, bytes]:
        """As smtplib's own, with the question between the words and the dot. Raises NotEnded, AnswerLost."""
        code, reply = self.docmd("data")
        if code != 354:
            raise smtplib.SMTPDataError(code, reply)
        words = msg.encode("ascii") if isinstance(msg, str) else msg
        words = AT_BEGINNING.sub(b"..", words)
        self.send(words if words.endswith(b"\r\n") else words + b"\r\n")
        is_to_end = False
        try:
            is_to_end = self.before_end is None or self.before_end()
        finally:
            if not is_to_end:
                self.close()  # the server would take a farewell for more of the mail, and not answer
        if not is_to_end:
            raise NotEnded
        self.send(b".\r\n")
        return self._last_answer()

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


class _SMTP(_AskingBeforeTheEnd, smtplib.SMTP):  # type: ignore[misc]  # `msg` is bytes or text in both
    pass


class _SMTPS(_AskingBeforeTheEnd, smtplib.SMTP_SSL):  # type: ignore[misc]  # as above
    pass


class EmailBackend(smtp.EmailBackend):
    """Django's, whose connection asks before the end of each mail if it is told to."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SMTPS if self.use_ssl else _SMTP

    def ask_before_end(self, question: Callable[[], bool]) -> None:
        connection: Any = self.connection
        connection.before_end = question
        # The dot goes by itself: it must not wait for the server's word that the rest has come, 40 ms for each mail.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def forget_connection(self) -> None:
        """After NotEnded: the next mail opens another."""
        self.connection = None
