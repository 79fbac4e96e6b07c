"""What Prometheus is told, and who may ask."""

from __future__ import annotations

import datetime
import json
import re
from types import SimpleNamespace

import pytest
import time_machine
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from prometheus_client.parser import text_string_to_metric_families

from fileshare.enums import Inspection
from fileshare.models import DocumentVersion
from fileshare.tasks import inspect_version
from members.enums import Action, MailState
from members.models import OutgoingMail
from portal.ops import due, facts, heartbeat, metrics, peer, scanning
from portal.settings import environment
from tests.factories import make_member, make_paper, make_user
from tests.portal.visiting import Visitor

AGES = ("gatehouse_timer_age_seconds", "gatehouse_backup_age_seconds")


def scrape(client: Client | None = None) -> dict[str, float]:
    """Every sample by name and labels, such as `gatehouse_tasks{status="ready"}`."""
    response = (client or Client()).get("/metrics")
    assert response.status_code == 200
    families = text_string_to_metric_families(response.content.decode())
    return {
        sample.name + (f"{{{labels}}}" if (labels := _in_words(sample.labels)) else ""): sample.value
        for family in families for sample in family.samples
    }  # fmt: skip


def _in_words(labels: dict[str, str]) -> str:
    return ",".join(f'{name}="{value}"' for name, value in labels.items())


def test_request_is_counted_by_route_and_class_of_status_and_by_nothing_else(db, client):
    before = scrape()
    client.get("/robots.txt")
    client.get("/no-such-page/?token=secret")
    client.get("/members/")
    client.post("/health/live/")
    after = scrape()
    counted = {
        name: count - before.get(name, 0) for name, count in after.items()
        if name.startswith("gatehouse_request_seconds_count") and count != before.get(name, 0)
    }  # fmt: skip
    assert counted == {
        'gatehouse_request_seconds_count{route="portal.views.machines.robots",status="2xx"}': 1,
        'gatehouse_request_seconds_count{route="wagtail_serve",status="4xx"}': 1,
        'gatehouse_request_seconds_count{route="members:overview",status="3xx"}': 1,
        'gatehouse_request_seconds_count{route="portal.views.health.live",status="4xx"}': 1,
    }
    assert after['gatehouse_request_seconds_sum{route="wagtail_serve",status="4xx"}'] > 0
    assert "secret" not in "".join(after)


def test_page_cache_counts_hits_and_misses_and_keeps_no_request_id(db, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    visitor, before = Visitor(), scrape()
    answers = [visitor.get(path) for path in ("/robots.txt", "/robots.txt", "/robots.txt", "/no-such-page/")]
    after = scrape()
    assert {
        outcome: after[name] - before[name] for outcome in ("hit", "miss")
        if (name := f'gatehouse_page_cache_total{{outcome="{outcome}"}}')
    } == {"hit": 2, "miss": 1}  # fmt: skip
    # One reader's would be told to all others.
    assert ["x-request-id" in answer.headers for answer in answers] == [False, False, False, True]


def test_downloads_and_refusals_are_counted(signed_in):
    paper, before = make_paper(), scrape()
    assert b"".join(signed_in(make_member()).get(paper.download_url).streaming_content)
    assert signed_in(make_user()).get(paper.download_url).status_code == 404
    after = scrape()
    counted = {action: after[name] - before.get(name, 0) for action in (Action.DOWNLOADED, Action.REFUSED)
               if (name := f'gatehouse_recorded_total{{action="{action}"}}')}  # fmt: skip
    assert counted == {Action.DOWNLOADED: 1, Action.REFUSED: 1}


def test_queue_worker_timer_mail_and_quarantine_are_told(db, monkeypatch, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    empty = scrape()
    assert not set(AGES) & set(empty)
    assert {name: empty[name] for name in empty if name.startswith(("gatehouse_tasks", "gatehouse_files"))} == {
        'gatehouse_tasks{status="ready"}': 0, 'gatehouse_tasks{status="running"}': 0,
        'gatehouse_tasks{status="failed"}': 0, "gatehouse_tasks_oldest_waiting_seconds": 0,
        'gatehouse_files{state="waiting"}': 0, 'gatehouse_files{state="unscanned"}': 0,
        'gatehouse_files{state="quarantined"}': 0,
    }  # fmt: skip
    assert not {name for name in empty if "scanner" in name}, "there is none"
    now = timezone.now()
    made_at = (now - datetime.timedelta(hours=5)).isoformat()
    (tmp_path / "last_backup.json").write_text(json.dumps({"made_at": made_at, "bytes": 1}))
    make_paper()
    DBTaskResult.objects.all().delete()
    ids = [inspect_version.enqueue(number).id for number in range(5)]
    DBTaskResult.objects.filter(pk=ids[0]).update(enqueued_at=now - datetime.timedelta(seconds=90))
    for number, due_in in ((1, 60), (4, -30)):  # what could not be done before has not waited before
        DBTaskResult.objects.filter(pk=ids[number]).update(
            enqueued_at=now - datetime.timedelta(seconds=900), run_after=now + datetime.timedelta(seconds=due_in)
        )
    DBTaskResult.objects.filter(pk=ids[2]).update(status="FAILED", finished_at=now)
    DBTaskResult.objects.filter(pk=ids[3]).update(status="RUNNING", started_at=now)
    beat = heartbeat.beat.enqueue()
    answered = now - datetime.timedelta(seconds=40)
    DBTaskResult.objects.filter(pk=beat.id).update(status="SUCCESSFUL", finished_at=answered)
    monkeypatch.setattr(due, "JOBS", (lambda: 1 / 0,))
    due.run_all()
    for number, (state, days) in enumerate([(MailState.WAITING, 3), (MailState.SENT, 0), (MailState.SENT, 2)]):
        OutgoingMail.objects.create(
            occasion=str(number), address="somebody@example.org", subject="x", state=state, sent_at=now,
            created_at=now - datetime.timedelta(days=days),
        )  # fmt: skip
    DocumentVersion.objects.update(inspection=Inspection.QUARANTINED)
    told = scrape()
    assert {name: round(value / 10) * 10 for name, value in told.items() if name.endswith("_age_seconds")} == dict(
        zip(AGES, (0, 5 * 3600), strict=True)
    )
    assert round(told["gatehouse_tasks_oldest_waiting_seconds"]) in (90, 91)
    assert {name: value for name, value in told.items() if "{" in name and name.startswith(
        ("gatehouse_tasks", "gatehouse_mails", "gatehouse_files"))} == {
        'gatehouse_tasks{status="ready"}': 3, 'gatehouse_tasks{status="running"}': 1,
        'gatehouse_tasks{status="failed"}': 1,
        'gatehouse_mails{state="waiting"}': 1, 'gatehouse_mails{state="put off"}': 0,
        'gatehouse_mails{state="sending"}': 0,
        'gatehouse_mails{state="sent"}': 1, 'gatehouse_mails{state="refused"}': 0,
        'gatehouse_files{state="waiting"}': 0, 'gatehouse_files{state="unscanned"}': 0,
        'gatehouse_files{state="quarantined"}': 1,
    }  # fmt: skip
    assert told["gatehouse_timer_failed_jobs"] == 1
    assert (empty["gatehouse_worker_alive"], told["gatehouse_worker_alive"]) == (0, 1)
    assert told["gatehouse_facts_known"] == 1


def test_scanner_is_told_as_the_timer_heard_it(db, clamd):
    def of_scanner() -> dict[str, float]:
        return {name: value for name, value in scrape().items() if "scanner" in name}

    assert of_scanner() == {}, "nobody has asked it yet"
    make_paper(content=b"Words.", file_name="a.txt")
    clamd.signatures = "ClamAV 1.4.6/2/Sun Nov 29 08:00:00 2026"
    with time_machine.travel(datetime.datetime(2026, 11, 30, 8, tzinfo=datetime.UTC), tick=False):
        scanning.keep_up()
        assert of_scanner() == {
            "gatehouse_scanner_up": 1, "gatehouse_scanner_signatures_age_seconds": 86_400,
            "gatehouse_scanner_behind": 1,
        }  # fmt: skip
    clamd.signatures = "ClamAV 1.4.6"  # it has signatures of somebody's own alone
    scanning.keep_up()
    assert of_scanner() == {"gatehouse_scanner_up": 1, "gatehouse_scanner_behind": 1}
    clamd.goes()
    scanning.keep_up()
    assert of_scanner() == {"gatehouse_scanner_up": 0}


def test_counts_are_told_while_the_database_is_away(db, monkeypatch):
    def away() -> None:
        raise DatabaseError("away")

    monkeypatch.setattr(facts, "PARTS", (away, facts._of_files))
    told = scrape()
    assert told["gatehouse_facts_known"] == 0
    assert 'gatehouse_page_cache_total{outcome="hit"}' in told
    assert 'gatehouse_files{state="waiting"}' in told


def test_asking_takes_as_many_queries_however_much_there_is(db, django_assert_num_queries):
    with django_assert_num_queries(8):
        scrape()


@pytest.mark.parametrize(("proxies", "trusted", "environ", "may"), [
    (0, "127.0.0.1,::1", {"REMOTE_ADDR": "127.0.0.1"}, True),
    (0, "127.0.0.1,::1", {"REMOTE_ADDR": "::1"}, True),
    (0, "127.0.0.1,::1", {"REMOTE_ADDR": "::ffff:127.0.0.1"}, True),
    (0, "127.0.0.1,::1", {"REMOTE_ADDR": "192.0.2.7"}, False),
    (0, "127.0.0.1,::1", {"REMOTE_ADDR": ""}, False),
    # A proxy on the same machine of which the settings know nothing: everybody seems to come from there.
    (0, "127.0.0.1,::1", {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}, False),
    (0, "127.0.0.1,::1", {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, False),
    (1, "127.0.0.1,::1", {"REMOTE_ADDR": "127.0.0.1"}, True),
    (1, "127.0.0.1,::1", {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}, False),
    (1, "127.0.0.1,::1", {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1, 192.0.2.7"}, False),
    (2, "127.0.0.1,::1", {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, False),
    (1, "127.0.0.1,::1", {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "nonsense"}, False),
    (1, "10.1.0.0/16", {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7, 10.1.2.3"}, True),
    (0, "10.1.0.0/16", {"REMOTE_ADDR": "127.0.0.1"}, False),
    (0, "", {"REMOTE_ADDR": "127.0.0.1"}, False),
])  # fmt: skip
def test_metrics_are_for_trusted_addresses_alone(rf, settings, monkeypatch, proxies, trusted, environ, may):
    monkeypatch.setenv("METRICS_ADDRESSES", trusted)
    settings.METRICS_ADDRESSES = environment._metrics_addresses(environment.environ.Env())
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = rf.get("/metrics", **environ)
    assert peer.may_see_metrics(request) is may


def test_for_others_there_is_no_such_page(db, client):
    def told(address: str) -> tuple[int, bytes, dict[str, str]]:
        response = client.get(address, follow=True, REMOTE_ADDR="192.0.2.7")
        return response.status_code, response.content.replace(address.encode(), b""), dict(response.headers)

    assert told("/metrics") == told("/nothing")
    assert told("/metrics")[0] == 404


def test_trusted_address_asks_by_any_host_and_without_tls(db, client, settings):
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["members.example.org"]
    response = client.get("/metrics", HTTP_HOST="10.1.2.3:8000")
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    assert response["Content-Type"] == metrics.CONTENT_TYPE
    assert client.post("/metrics", HTTP_HOST="10.1.2.3:8000").status_code == 400


def test_no_metric_has_a_label_that_could_hold_a_person(db, client):
    client.get("/members/")
    labels = {name for found in scrape() for name in re.findall(r'(\w+)="', found)}
    assert labels <= {"route", "status", "le", "outcome", "action", "state"}


def test_route_of_an_unknown_address_is_no_address():
    assert metrics.route_of(SimpleNamespace(resolver_match=None)) == "none"
