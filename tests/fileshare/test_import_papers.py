"""A folder of papers comes in: with its folders, what a list says of each, all problems told, and twice is once."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django_tasks_db.models import DBTaskResult

from fileshare.enums import Kind
from fileshare.models import SharedDocument
from members.enums import Action
from members.models import AccessRecord, Organisation
from tests.factories import make_folder, make_member, minimal_pdf

pytestmark = pytest.mark.django_db


def run(folder, *arguments):
    """What the command says: its output, its problems, and how it ends."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_papers", str(folder), *map(str, arguments), stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue().strip(), err.getvalue().splitlines(), str(error)
    return out.getvalue().strip(), err.getvalue().splitlines(), ""


@pytest.fixture
def shelf(tmp_path):
    """A folder with a folder in it."""
    folder = tmp_path / "shelf"
    (folder / "Reports" / "2026").mkdir(parents=True)
    (folder / "first_note.txt").write_text("First.")
    (folder / "Reports" / "2026" / "second.pdf").write_bytes(minimal_pdf())
    (folder / ".hidden.txt").write_text("Hidden.")
    (folder / "Thumbs.db").write_bytes(b"x")
    (folder / "link.txt").symlink_to(folder / "first_note.txt")
    return folder


def fields(tmp_path, text, name="fields.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def test_folder_comes_in_with_its_folders_once(shelf):
    make_folder("Guidance")
    by = make_member("editor@example.org")
    assert run(shelf, "--into", "Guidance") == (
        "2 papers would come in, 0 problems. Run it again with --go.", [], "",
    )  # fmt: skip
    assert not SharedDocument.objects.exists()
    for said in ("2 papers came in; 0 were here already.", "0 papers came in; 2 were here already."):
        out, problems, end = run(shelf, "--into", "Guidance", "--by", "Editor@example.org", "--go")
        assert (out, problems, end) == (f"{said} The worker checks each before members see it.", [], "")
    waiting = DBTaskResult.objects.filter(task_path="fileshare.tasks.inspect_version")
    assert set(waiting.values_list("priority", flat=True)) == {-30}, "an editor's single paper goes before"
    first, second = SharedDocument.objects.order_by("title")
    assert (first.title, first.collection.name, first.marking) == ("first note", "Guidance", "TLP:GREEN")
    assert (second.title, second.collection.name, second.versions.get().kind) == ("second", "2026", Kind.PDF)
    assert [above.name for above in second.collection.get_ancestors()][1:] == ["Guidance", "Reports"]
    assert second.current_version is None
    assert {row.actor for row in AccessRecord.objects.filter(action=Action.UPLOADED)} == {by}


def test_list_says_more_of_each(shelf, tmp_path):
    source = Organisation.objects.create(name="National Office", abbreviation="NO")
    table = fields(
        tmp_path,
        "\ufefffile;Title;source;original_date;marking;caveat;publish_at;expires_at;description\r\n"
        "Reports\\2026\\second.pdf;A report;no;14/11/2026;TLP:AMBER;OFFICIAL;2026-11-20 09:00;2027-11-20;About; it\r\n",
    )
    assert run(shelf, "--fields", table)[1] == ["fields.csv, line 2: There are more values than columns."]
    table = fields(tmp_path, table.read_text().replace("About; it", '"About; it"'))
    assert run(shelf, "--fields", table, "--go")[2] == ""
    paper = SharedDocument.objects.get(title="A report")
    assert (paper.source, paper.original_date.isoformat(), paper.marking) == (source, "2026-11-14", "TLP:AMBER")
    assert (paper.caveat, paper.description) == ("OFFICIAL", "About; it")
    assert f"{paper.publish_at:%Y-%m-%d %H:%M}" == "2026-11-20 09:00"
    assert f"{paper.expires_at:%Y-%m-%d}" == "2027-11-20"


def test_every_problem_is_told_and_the_good_come_in(shelf, tmp_path):
    (shelf / "false.pdf").write_text("no PDF")
    (shelf / "empty.txt").write_text("")
    table = fields(
        tmp_path,
        "file,marking,original_date,source,expires_at\n"
        "first_note.txt,TLP:AMBER,31.12.2026,Nobody,2001-01-01\n"
        "Reports/2026/second.pdf,TLP:RED,,,\n"
        "Reports/2026/second.pdf,,,,\n"
        "gone.pdf,SECRET,,,\n",
    )
    (shelf / "good.txt").write_text("Good.")
    out, problems, end = run(shelf, "--fields", table, "--go")
    assert out.startswith("1 papers came in; 0 were here already.")
    assert end == "10 problems; see above."
    told = "\n".join(problems)
    for sentence in (
        "fields.csv, line 4: “Reports/2026/second.pdf” stands in line 3 already.",
        "fields.csv, line 3: marking: TLP:RED names its recipients, which this list cannot: please upload it.",
        "fields.csv, line 2: original_date: Enter a valid date.",
        "fields.csv, line 2: expires_at: The expiry must be later than the publication.",
        "fields.csv, line 2: Only a PDF can be marked above TLP:GREEN.",
        "fields.csv, line 2: source: there is no organisation “Nobody” here yet.",
        "empty.txt: The file is empty.",
        "fields.csv, line 5: There is no file “gone.pdf”.",
        "fields.csv, line 5: marking: Select a valid choice. SECRET is not one of the available choices.",
    ):
        assert sentence in told
    assert "false.pdf: " in told
    assert [paper.title for paper in SharedDocument.objects.all()] == ["good"]


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("title\nA", "utf-8", "line 1: the column “file” is missing. The columns are: file, title, "),
        ("file,colour\na,b", "utf-8", "line 1: there is no column colour. The columns are: file, title, "),
        ("", "utf-8", "line 1: the column “file” is missing."),
        ("file,title\na,Größe", "cp1252", "This file is not UTF-8. Please save it as “CSV UTF-8”."),
    ],
)
def test_list_that_cannot_be_read_is_told(shelf, tmp_path, text, encoding, said):
    table = fields(tmp_path, text, encoding=encoding)
    (problem,) = run(shelf, "--fields", table)[1]
    assert problem.startswith("fields.csv")
    assert said in problem


def test_what_is_not_there_is_told(shelf, tmp_path):
    assert run(tmp_path / "nowhere")[2] == f"There is no folder {tmp_path / 'nowhere'}."
    assert run(shelf, "--fields", tmp_path / "no.csv")[2] == f"There is no file {tmp_path / 'no.csv'}."
    assert run(shelf, "--by", "x@example.org")[2] == "Nobody here has the address x@example.org."
    assert run(shelf, "--into", "Nowhere")[2].startswith("There is no folder “Nowhere” in “Root”.")


def test_import_goes_on_after_an_interruption(shelf, monkeypatch):
    from fileshare.services import import_folder

    bring, calls = import_folder._bring, []

    def broken(candidate, folder, by):
        calls.append(candidate)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return bring(candidate, folder, by)

    with monkeypatch.context() as patch:
        patch.setattr(import_folder, "_bring", broken)
        with pytest.raises(KeyboardInterrupt):
            run(shelf, "--go")
    paper = SharedDocument.objects.get()
    assert list(SharedDocument.objects.all().search(paper.title)) == [paper]
    paper.index_entries.all().delete()  # as after a kill, which leaves no time for that
    assert run(shelf, "--go")[0].startswith("1 papers came in; 1 were here already.")
    for each in SharedDocument.objects.all():
        assert list(SharedDocument.objects.all().search(each.title)) == [each]
