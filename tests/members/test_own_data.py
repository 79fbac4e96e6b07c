"""Everything kept about oneself, as a file: made by the worker, fetched by the person alone, gone after a week."""

from __future__ import annotations

import datetime
import io
import zipfile
from urllib.parse import quote

import pytest
import time_machine
from django.core import mail as django_mail
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.tasks import delete_file_from_storage_task

from members import mail
from members.models import AccessRecord, DataExport, OutgoingMail
from members.services import export_data
from members.tasks import make_export
from portal.ops import due, queue
from tests.factories import PASSWORD, make_member, make_user

pytestmark = pytest.mark.django_db
PRIVACY, ASK, READY, FILE = (
    f"/members/privacy/{rest}" for rest in ("", "ask/", "data/", "data/my-data.zip")
)  # fmt: skip
WEEK = datetime.timedelta(days=7)


@pytest.fixture
def pat():
    return make_member("pat@example.org")


def confirm(client):
    """The password once more, as the page before a file asks."""
    assert client.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


def asked(client):
    response = client.post(ASK, follow=True)
    assert "Your file is being made." in response.content.decode()
    return DataExport.objects.get()


def made(client):
    export = asked(client)
    export_data.make(export_id=export.pk)
    export.refresh_from_db()
    return export


def queued(task):
    return [each.args_kwargs["args"] for each in DBTaskResult.objects.ready().filter(task_path=task.module_path)]


def test_asking_twice_gives_the_one_in_the_making(pat, signed_in):
    client = signed_in(pat)
    export = asked(client)
    assert asked(client) == export
    assert queued(make_export) == [[export.pk]]
    assert list(AccessRecord.objects.values_list("action", "actor", "object_id")) == [
        ("data_asked", pat.pk, str(pat.pk))
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        DataExport.objects.create(user=pat)
    assert "See whether it is ready" in client.get(PRIVACY).content.decode()


def test_file_is_made_once_told_of_by_mail_and_fetched_with_the_password(pat, signed_in):
    client = signed_in(pat)
    export = made(client)
    export_data.make(export_id=export.pk)
    assert DataExport.objects.get().file.name == export.file.name
    assert export.file.name.startswith("own-data/")
    assert len(export.file.name) == len("own-data/") + 40
    (letter,) = OutgoingMail.objects.all()
    mail.send(mail_id=letter.pk)
    assert f"{PRIVACY}\n" in django_mail.outbox[0].body
    for address in (READY, FILE):
        assert client.get(address)["Location"] == f"/account/reauthenticate/?next={quote(address, safe='')}"
    confirm(client)
    assert f'href="{FILE}"' in client.get(READY).content.decode()
    response = client.get(FILE)
    content = b"".join(response.streaming_content)
    assert (response.status_code, len(content)) == (200, export.size)
    assert response["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert response["Content-Length"] == str(export.size)
    assert (response["Cache-Control"], response["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
    assert response["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "pat@example.org" in archive.read("account.json").decode()
    assert AccessRecord.objects.first().action == "data_fetched"


def test_head_of_the_file_has_no_bytes_and_no_row(pat, signed_in):
    client = confirm(signed_in(pat))
    made(client)
    response = client.head(FILE)
    assert (response.status_code, b"".join(response.streaming_content)) == (200, b"")
    assert not AccessRecord.objects.filter(action="data_fetched").exists()


def test_file_belongs_to_one_person(pat, signed_in, client):
    export = made(signed_in(pat))
    other = confirm(signed_in(make_member()))
    assert other.get(FILE).status_code == 404
    assert other.get(READY)["Location"] == PRIVACY
    assert client.get(FILE)["Location"] == f"/account/login/?next={FILE}"
    for address in (f"/media/{export.file.name}", f"/{export.file.name}", f"/files/{export.file.name}"):
        assert other.get(address, follow=True).status_code == 404, address


def test_recent_sign_in_wears_off(pat, signed_in):
    client = confirm(signed_in(pat))
    made(client)
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=6), tick=False):
        assert client.get(FILE)["Location"] == f"/account/reauthenticate/?next={quote(FILE, safe='')}"


def test_file_is_gone_after_a_week(pat, signed_in):
    client = signed_in(pat)
    export = made(client)
    with time_machine.travel(export.made_at + WEEK - datetime.timedelta(minutes=1), tick=False):
        due.run_all()
        assert "Go to the file" in client.get(PRIVACY).content.decode()
    with time_machine.travel(export.made_at + WEEK, tick=False):
        assert "Make the file" in client.get(PRIVACY).content.decode()
        assert confirm(client).get(FILE).status_code == 404
        due.run_all()
    assert not DataExport.objects.exists()
    assert queued(delete_file_from_storage_task)[0][1] == export.file.name


def test_new_file_takes_the_former_one_s_place(pat, signed_in):
    client = signed_in(pat)
    first = made(client)
    client.post(ASK)
    second = DataExport.objects.exclude(pk=first.pk).get()
    export_data.make(export_id=second.pk)
    assert [each.pk for each in DataExport.objects.all()] == [second.pk]
    assert queued(delete_file_from_storage_task)[0][1] == first.file.name


def test_store_that_loses_the_file_is_a_503_and_not_a_500(pat, signed_in):
    client = confirm(signed_in(pat))
    default_storage.delete(made(client).file.name)
    response = client.get(FILE)
    assert (response.status_code, response["Retry-After"]) == (503, "120")


def test_mail_that_cannot_be_kept_leaves_no_object_behind(pat, signed_in, monkeypatch):
    export, keys = asked(signed_in(pat)), []
    make_key = DataExport._meta.get_field("file").generate_filename
    monkeypatch.setattr(mail, "post", lambda **_: 1 / 0)
    monkeypatch.setattr(
        DataExport._meta.get_field("file"),
        "generate_filename",
        lambda *given: keys.append(make_key(*given)) or keys[-1],
    )
    with pytest.raises(ZeroDivisionError):
        export_data.make(export_id=export.pk)
    assert [default_storage.exists(key) for key in keys] == [False]
    assert DataExport.objects.get().state == "waiting"


def test_failed_making_is_tried_again(pat, signed_in):
    asked(signed_in(pat))
    assert make_export.module_path not in queue.NOT_RETRIED


def test_eleventh_request_in_a_day_is_refused(pat, signed_in):
    client = signed_in(pat)
    for _ in range(10):
        client.post(ASK)
    response = client.post(ASK)
    assert (response.status_code, "Please try again in 24 hours." in response.content.decode()) == (429, True)


@pytest.mark.parametrize("standing", ["applicant", "lapsed", "suspended"])
def test_data_are_for_everybody_with_an_account(signed_in, standing):
    assert made(signed_in(make_member(standing=standing))).is_ready


def test_person_without_a_membership_gets_a_file(signed_in):
    assert made(signed_in(make_user())).is_ready


def test_page_takes_few_questions(pat, signed_in, django_assert_num_queries):
    client = signed_in(pat)
    for _ in range(2):  # the first makes the site's settings, the second keeps them
        client.get(PRIVACY)
    with django_assert_num_queries(3):  # session, person, file
        client.get(PRIVACY)
