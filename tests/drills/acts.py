"""What is killed: each act, what must hold wherever it was, and that it can be done again."""

from __future__ import annotations

import datetime
from io import StringIO
from typing import Any

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.tasks import delete_file_from_storage_task

from fileshare.enums import Inspection, Making
from fileshare.models import Derivation, DocumentVersion, Folder, SharedDocument, StampedCopy
from fileshare.services import inspect, retention, stamped_copies
from fileshare.tasks import derive_version, inspect_version
from members.models import AccessRecord
from tests.drills.dying import End
from tests.drills.site import Site, bytes_of, is_whole, sha256
from tests.factories import make_paper, minimal_pdf
from tests.fileshare.admin import add, attached, edit
from tests.fileshare.files import picture
from tests.marked import accept_terms

OLD, NEW = b"Words of the first version.", b"Words of the second version, which are others."


class Act:
    """One of them, with a paper of its own. `do` is done by the child that may be killed; what it returns, it has been
    told to be done."""

    def __init__(self, site: Site, number: int) -> None:
        self.site, self.title = site, f"{type(self).__name__} {number}"

    @property
    def papers(self) -> Any:
        return SharedDocument.objects.filter(title=self.title)

    def do(self) -> Any:
        raise NotImplementedError

    def judge(self, end: End) -> None:
        raise NotImplementedError

    def judge_again(self, end: End) -> None:
        """After it was done once more, to its end."""
        raise NotImplementedError


class Upload(Act):
    """A new paper through the administration's form, so large that it waits on the disk while it comes."""

    def __init__(self, site: Site, number: int) -> None:
        super().__init__(site, number)
        self.content = f"Words of {self.title}. ".encode() * 120_000
        self.client = site.client(site.editor)

    def do(self) -> Any:
        answer = add(
            self.client, self.site.folder, attached(self.content, "a.txt"), title=self.title, same_file_too="on"
        )
        return answer.status_code == 302

    def judge(self, end: End) -> None:
        papers = list(self.papers)
        assert len(papers) <= 1
        assert papers or not end.said, "what was acknowledged is gone"
        digest = sha256(self.content)
        assert DocumentVersion.objects.filter(sha256=digest).count() == len(papers)
        assert AccessRecord.objects.filter(details__sha256=digest).count() == len(papers)
        for paper in papers:
            self._waits(paper)

    def _waits(self, paper: SharedDocument) -> None:
        version = paper.versions.get()
        is_whole(version, self.content, "uploaded")
        assert wanted(version) == 1
        assert self.site.read(paper) is None, "nobody reads it before its inspection"
        self.site.opens_to_nobody(paper)

    def judge_again(self, end: End) -> None:
        assert end.said is True
        paper = self.papers.latest("pk")
        self._waits(paper)
        inspect.inspect(version_id=paper.versions.get().pk)
        assert self.site.read(paper) == self.content
        self.site.opens_to_nobody(paper)


class Replace(Act):
    """A new file for a paper, through the administration's form."""

    def __init__(self, site: Site, number: int) -> None:
        super().__init__(site, number)
        self.paper = make_paper(self.title, collection=site.folder, content=OLD, file_name="a.txt")
        self.client = site.client(site.editor)

    def do(self) -> Any:
        answer = edit(self.client, self.paper, file=attached(NEW, "b.txt"), same_file_too="on")
        return answer.status_code == 302

    def judge(self, end: End) -> None:
        paper = self.papers.get()
        versions = list(paper.versions.order_by("number"))
        assert [version.number for version in versions] in ([1], [1, 2])
        assert len(versions) == 2 or not end.said, "what was acknowledged is gone"
        is_whole(versions[0], OLD, "uploaded")
        for new in versions[1:]:
            is_whole(new, NEW, "replaced")
            assert wanted(new) == 1
        assert (paper.current_version, paper.file.name) == (versions[0], versions[-1].file.name)
        assert self.site.read(paper) == OLD, "the former file stays until the new one has passed"
        self.site.opens_to_nobody(paper)

    def judge_again(self, end: End) -> None:
        assert end.said is True
        paper = self.papers.get()
        versions = list(paper.versions.order_by("number"))
        assert [version.number for version in versions] in ([1, 2], [1, 2, 3])
        inspect.inspect(version_id=versions[-1].pk)
        assert (self.site.read(paper), bytes_of(versions[0])) == (NEW, OLD)
        self.site.opens_to_nobody(paper)


class Delete(Act):
    """A paper deleted in the administration; its bytes go by a task."""

    def __init__(self, site: Site, number: int) -> None:
        super().__init__(site, number)
        self.paper = make_paper(self.title, collection=site.folder, content=OLD, file_name="a.txt")
        self.key = self.paper.file.name
        self.client = site.client(site.editor)

    def do(self) -> Any:
        return self.client.post(f"/admin/documents/delete/{self.paper.pk}/").status_code == 302

    def judge(self, end: End) -> None:
        row = AccessRecord.objects.filter(action="deleted", object_id=str(self.paper.uuid))
        tasks = DBTaskResult.objects.filter(
            task_path=delete_file_from_storage_task.module_path, args_kwargs__icontains=self.key
        )
        self.site.opens_to_nobody(self.paper)
        if self.papers.exists():
            assert not end.said, "what was acknowledged to be gone is there"
            assert (row.count(), tasks.count()) == (0, 0)
            is_whole(self.paper.versions.get(), OLD, "uploaded")
            assert self.site.read(self.paper) == OLD
            return
        assert not DocumentVersion.objects.filter(file=self.key).exists()
        assert row.count() == 1
        assert tasks.exists(), "nobody takes the bytes away"
        assert self.site.read(self.paper) is None
        for task in tasks:
            delete_file_from_storage_task.func(*task.args_kwargs["args"], **task.args_kwargs["kwargs"])
        assert not default_storage.exists(self.key)

    def judge_again(self, end: End) -> None:
        assert not self.papers.exists()
        self.judge(End(was_killed=False, said=True))


class Destroy(Act):
    """Files that go by the folder's rule: first by their row, then from the store."""

    def __init__(self, site: Site, number: int) -> None:
        super().__init__(site, number)
        long_ago = timezone.now() - datetime.timedelta(days=30)
        self.paper = make_paper(self.title, collection=site.folder, content=OLD, file_name="a.txt")
        self.key = self.paper.file.name
        self.paper.versions.update(created_at=long_ago)
        self.papers.update(publish_at=long_ago, expires_at=long_ago + datetime.timedelta(days=1))
        Folder.objects.filter(pk=site.folder.pk).update(destroy_after_days=7)

    def do(self) -> Any:
        retention.destroy_expired()
        retention.remove_destroyed()
        return True

    def judge(self, end: End) -> None:
        version = self.papers.get().versions.get()
        rows = AccessRecord.objects.filter(action="destroyed", object_id=str(self.paper.uuid)).count()
        is_there = default_storage.exists(self.key)
        if version.destroyed_at is None:
            assert (end.said, rows, is_there) == (None, 0, True)
            is_whole(version, OLD, "uploaded")
        else:
            assert rows == 1
            assert is_there is False or version.file.name == self.key, "bytes that nothing names"
        assert (version.destroyed_at is not None and not is_there) or not end.said
        assert self.site.read(self.paper) is None
        self.site.opens_to_nobody(self.paper)

    def judge_again(self, end: End) -> None:
        assert end.said is True
        self.judge(end)
        assert self.papers.get().versions.get().file.name == ""


class Look(Act):
    """The worker's inspection of a replacement, and what it makes of it: text and preview."""

    def __init__(self, site: Site, number: int) -> None:
        super().__init__(site, number)
        self.new = picture("PNG")
        self.paper = make_paper(self.title, collection=site.folder, content=OLD, file_name="a.txt")
        edit(site.client(site.editor), self.paper, file=attached(self.new, "b.png"), same_file_too="on")
        self.version = self.paper.versions.get(number=2)

    def do(self) -> Any:
        inspect_version.func(self.version.pk)
        derive_version.func(self.version.pk)
        return True

    def judge(self, end: End) -> None:
        self.version.refresh_from_db()
        paper, passed = self.papers.get(), self.version.inspection == Inspection.PASSED
        assert passed or not end.said
        assert (paper.current_version == self.version) is passed
        rows = AccessRecord.objects.filter(action="inspected", object_id=str(paper.uuid), details__version=2)
        assert rows.count() == passed
        assert self.site.read(paper) == (self.new if passed else OLD)
        made = Derivation.objects.filter(version=self.version).first()
        if made is not None and made.state == Making.MADE:
            assert default_storage.exists(made.small.name)
            assert default_storage.exists(made.large.name)
        else:
            assert not end.said
            assert not (made and (made.small or made.large))
        self.site.opens_to_nobody(paper)

    def judge_again(self, end: End) -> None:
        assert end.said is True
        self.judge(end)


class Stamp(Act):
    """A download of a paper marked TLP:AMBER: a copy is made, kept and handed out."""

    def __init__(self, site: Site, number: int) -> None:
        super().__init__(site, number)
        self.paper = make_paper(self.title, collection=site.folder, content=minimal_pdf("Ten"), marking="TLP:AMBER")
        accept_terms([self.paper], site.reader)
        self.client = site.client(site.reader)

    @property
    def copies(self) -> Any:
        return StampedCopy.objects.filter(version=self.paper.current_version)

    def do(self) -> Any:
        answer: Any = self.client.get(self.paper.download_url)
        return sha256(b"".join(answer.streaming_content)) if answer.status_code == 200 else answer.status_code

    def judge(self, end: End) -> None:
        copies = list(self.copies.filter(removed_at=None))
        assert len(copies) <= 1
        for copy in copies:
            if copy.sha256:
                assert sha256(bytes_of(copy)) == copy.sha256
            else:
                assert not copy.file
        if end.said:
            assert [copy.sha256 for copy in copies] == [end.said], "what went out leads back to nobody"
            rows = AccessRecord.objects.filter(action="downloaded", object_id=str(self.paper.uuid))
            assert rows.filter(details__copy=copies[0].number).exists()
        assert StampedCopy.objects.filter(sha256=self.paper.current_version.sha256).count() == 0
        self.site.opens_to_nobody(self.paper)
        # Whoever was making a copy has died: the next one begins anew when that is certain. One that died while it was
        # counted leaves the count locked, and so closed, for some seconds, which are over.
        cache.clear()
        self.copies.filter(sha256="").update(made_at=timezone.now() - 2 * stamped_copies.MADE_WITHIN)

    def judge_again(self, end: End) -> None:
        assert isinstance(end.said, str)
        self.judge(end)
        self.copies.update(made_at=timezone.now() - datetime.timedelta(days=2))
        stamped_copies.remove_old()
        assert not self.copies.exclude(file="").exists()


def wanted(version: DocumentVersion) -> int:
    """How many tasks ask for its inspection."""
    tasks = DBTaskResult.objects.filter(task_path=inspect_version.module_path, status="READY")
    return sum(task.args_kwargs["args"] == [version.pk] for task in tasks)


class Backup(Act):
    """The whole site into a file where one of yesterday lies."""

    def __init__(self, site: Site, number: int) -> None:
        super().__init__(site, number)
        self.path = site.scratch / "site.tar"
        if not self.path.exists():
            call_command("backup", str(self.path), stdout=StringIO())
        self.former = sha256(self.path.read_bytes())

    def do(self) -> Any:
        call_command("backup", str(self.path), stdout=StringIO())
        return sha256(self.path.read_bytes())

    def judge(self, end: End) -> None:
        found = sha256(self.path.read_bytes())
        assert found == self.former or is_readable(self.path)
        assert end.said in (None, found)

    def judge_again(self, end: End) -> None:
        assert end.said == sha256(self.path.read_bytes())
        assert is_readable(self.path)
        assert list(self.site.scratch.iterdir()) == [self.path], "a half backup is left"


def is_readable(path: Any) -> bool:
    """To its end, with the sums that it names."""
    from portal.ops.archive import Reader

    with path.open("rb") as file, Reader(file) as reader:
        reader.head()
        for _name, _size, source in reader.members():
            while source.read():
                pass
        return "sums" not in reader.end()
