"""What the virus scanner holds, in the administration: editors see it, administrators decide."""

from __future__ import annotations

import html
import re

import pytest
from django_tasks_db.models import DBTaskResult

from fileshare import states
from fileshare.enums import Inspection
from fileshare.models import DocumentVersion
from fileshare.services import inspect, release
from members.models import AccessRecord
from tests.factories import add_version, make_administrator, make_editor_of, make_member, make_paper
from tests.fileshare import files

pytestmark = pytest.mark.django_db
EVIL = b"Words with something evil in them."


@pytest.fixture
def paper(folder, clamd):
    return make_paper("The paper", collection=folder, content=EVIL, file_name="plan.txt")


@pytest.fixture
def administrator(signed_in):
    return signed_in(make_administrator())


def words(response):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def address(paper, number=1):
    return f"/admin/documents/quarantine/{paper.pk}/{number}/"


def test_editor_sees_what_was_found_and_cannot_release_it(paper, folder, signed_in):
    editor = signed_in(make_editor_of(folder))
    form = editor.get(f"/admin/documents/edit/{paper.pk}/")
    assert "The virus scanner found “Test.Evil-1” in it. Nobody can read this file. Do not open the original" in words(
        form
    )
    assert address(paper) not in form.content.decode()
    for answer in (editor.get(address(paper)), editor.post(address(paper), {"release": "1", "reason": "Mine."})):
        assert answer.status_code in (302, 403)
        assert "Held by the virus scanner" not in words(answer)
    assert paper.versions.get().inspection == Inspection.QUARANTINED
    member = signed_in(make_member())
    assert member.get(address(paper)).status_code == 403


def test_administrator_is_led_from_the_paper_to_what_can_be_done(paper, administrator):
    form = administrator.get(f"/admin/documents/edit/{paper.pk}/").content.decode()
    assert f'<a href="{address(paper)}">Release version 1, or have it scanned again</a>' in form
    page = words(administrator.get(address(paper)))
    assert "(plan.txt, 34" in page
    assert "The virus scanner found “Test.Evil-1” in it." in page
    assert "with ClamAV 1.4.6/1/Mon Nov 30 08:00:00 2026" in page
    assert paper.versions.get().sha256 in page


def test_administrator_releases_with_a_reason(paper, administrator):
    refused = administrator.post(address(paper), {"release": "1", "found": "Test.Evil-1", "reason": " "})
    assert "Please give the reason: the access record keeps it." in words(refused)
    assert paper.versions.get().inspection == Inspection.QUARANTINED
    done = administrator.post(
        address(paper), {"release": "1", "found": "Test.Evil-1", "reason": "A test of ours."}, follow=True
    )
    assert done.redirect_chain == [(f"/admin/documents/edit/{paper.pk}/", 302)]
    assert "Version 1 of “The paper” is released. It is being checked once more" in words(done)
    inspect.inspect(version_id=paper.versions.get().pk)
    assert paper.versions.get().inspection == Inspection.PASSED
    assert AccessRecord.objects.get(action="released").reason == "A test of ours."


def test_what_was_found_since_the_page_was_shown_is_not_released_with_it(paper, administrator, clamd):
    shown = '<input type="hidden" name="found" value="{}">'
    page = administrator.get(address(paper)).content.decode()
    assert shown.format("Test.Evil-1") in page
    clamd.name = "Test.<Worse>-1"
    release.scan_again(version=paper.versions.get(), by=None)
    inspect.inspect(version_id=paper.versions.get().pk)
    said = {"release": "1", "found": "Test.Evil-1", "reason": "The makers say so."}
    refused = administrator.post(address(paper), said)
    assert release.CHANGED in words(refused)
    assert "The virus scanner found “Test.<Worse>-1” in it." in words(refused)
    assert shown.format("Test.&lt;Worse&gt;-1") in refused.content.decode()
    assert "The makers say so." in words(refused), "nothing that was written is lost"
    assert not AccessRecord.objects.filter(action="released").exists()
    assert paper.versions.get().inspection == Inspection.QUARANTINED
    administrator.post(address(paper), said | {"found": "Test.<Worse>-1"})
    assert AccessRecord.objects.get(action="released").details == {"version": 1, "found": "Test.<Worse>-1"}


def test_administrator_has_it_scanned_again(paper, administrator, clamd):
    DBTaskResult.objects.all().delete()
    done = administrator.post(address(paper), {"again": "1", "reason": ""}, follow=True)
    assert "Version 1 of “The paper” is scanned again. It is being checked once more" in words(done)
    assert [task.task_path for task in DBTaskResult.objects.ready()] == ["fileshare.tasks.inspect_version"]
    inspect.inspect(version_id=paper.versions.get().pk)
    assert paper.versions.get().inspection == Inspection.QUARANTINED, "it still finds it"
    assert AccessRecord.objects.get(action="rescanned").details == {"version": 1, "found": "Test.Evil-1"}


def test_file_that_is_not_held_any_more_is_said(paper, administrator):
    DocumentVersion.objects.update(inspection=Inspection.PASSED)
    gone = administrator.get(address(paper), follow=True)
    assert gone.redirect_chain == [(f"/admin/documents/edit/{paper.pk}/", 302)]
    assert "This file is not held by the virus scanner any more." in words(gone)
    late = administrator.post(address(paper), {"release": "1", "reason": "Mine."})
    assert "This file is not held by the virus scanner any more." in words(late)
    assert administrator.get(address(paper, 2)).status_code == 404


def test_active_pdf_whose_finding_is_released_stays_held_and_is_not_offered_again(clamd, administrator):
    clamd.evil = (content := files.pdf_with_opening_script())[:40]
    paper = make_paper(content=content)
    version = paper.versions.get()
    assert "Release version 1" in words(administrator.get(f"/admin/documents/edit/{paper.pk}/"))
    release.release(version=version, by=make_administrator(), found="Test.Evil-1", reason="Ours.")
    inspect.inspect(version_id=version.pk)
    form = words(administrator.get(f"/admin/documents/edit/{paper.pk}/"))
    assert f"The PDF contains a script, an action, an XFA form or an embedded file. {states.WHAT_TO_DO}" in form
    assert "Release version 1" not in form
    assert administrator.get(address(paper)).status_code == 302


def test_form_for_a_file_says_whether_it_is_scanned(folder, signed_in, settings):
    editor = signed_in(make_editor_of(folder))
    assert "judged by their content; they are not scanned for viruses." in words(editor.get("/admin/documents/add/"))
    settings.CLAMD_URL = "unix:///run/clamav/clamd.ctl"
    assert "judged by their content and scanned for viruses." in words(editor.get("/admin/documents/add/"))


def test_former_version_that_is_held_can_be_released_too(paper, folder, clamd, administrator):
    add_version(paper, b"Good words.", file_name="plan.txt")
    form = administrator.get(f"/admin/documents/edit/{paper.pk}/").content.decode()
    assert f'href="{address(paper)}"' in form
    assert f'href="{address(paper, 2)}"' not in form
