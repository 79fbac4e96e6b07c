"""Mail that a killed process was sending: to nobody twice, and whoever got none has a row that says why."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django_tasks_db.models import DBTaskResult

from members import commit, mail
from members.mail_to_many import MOST_CONNECTIONS
from members.models import OutgoingMail
from members.tasks import send_mail
from portal.models import Run
from portal.notifications import sending
from tests.drills.acts import Act
from tests.drills.dying import End
from tests.drills.site import Site
from tests.portal.telling import work_off


class Mailing(Act):
    def __init__(self, site: Site, number: int) -> None:
        super().__init__(site, number)
        site.mails.write_text("")
        OutgoingMail.objects.all().delete()

    def taken(self) -> Counter[str]:
        """By the mail server, for each address."""
        return Counter(line.split()[0] for line in self.site.mails.read_text().splitlines())

    def judge(self, end: End) -> None:
        taken, rows = self.taken(), {row.address: str(row.state) for row in OutgoingMail.objects.all()}
        assert set(taken.values()) <= {1}, "a mail was doubled"
        assert taken.keys() <= rows.keys()
        # One that died between the server's word and the row's is marked as being sent.
        assert all(rows[address] in ("sending", "sent") for address in taken), rows
        assert {address for address, state in rows.items() if state == "sent"} <= taken.keys()

    def judge_again(self, end: End) -> None:
        assert end.said is True
        self.judge(end)
        rows = {row.address: str(row.state) for row in OutgoingMail.objects.all()}
        assert set(rows.values()) <= {"sent", "sending"}, rows
        lost = rows.keys() - self.taken().keys()
        assert len(lost) <= (MOST_CONNECTIONS if commit.is_shared() else 1), "those whose dots were to go with a commit"


class Digest(Mailing):
    """The week's digest to everybody who is told of anything."""

    def __init__(self, site: Site, number: int) -> None:
        super().__init__(site, number)
        Run.objects.all().delete()
        DBTaskResult.objects.filter(task_path="portal.tasks.send_news").delete()

    def do(self) -> Any:
        sending.begin_due()
        work_off()
        return not Run.objects.filter(ended_at=None).exists()

    def judge_again(self, end: End) -> None:
        super().judge_again(end)
        people = {self.site.editor.email, self.site.reader.email, self.site.stranger.email}
        assert set(OutgoingMail.objects.values_list("address", flat=True)) == people


class Letter(Mailing):
    """A mail to one person."""

    def __init__(self, site: Site, number: int) -> None:
        super().__init__(site, number)
        posted = mail.post(to=site.reader, occasion=self.title, words=("Good day", "A word."))
        assert posted is not None
        self.mail_id = posted.pk

    def do(self) -> Any:
        send_mail.func(self.mail_id)
        return True
