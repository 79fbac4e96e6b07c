"""Mail for a machine without a mail server: each message into a file, and its outline onto the console."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend


class FolderAndConsoleBackend(EmailBackend):
    """Writes each message into EMAIL_FILE_PATH and says on the console that it did."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        sent = int(super().send_messages(email_messages) or 0)
        for message in email_messages:
            print(f"mail: “{message.subject}” to {', '.join(message.to)} written to {self.file_path}")  # noqa: T201 -- its purpose
        return sent
