"""Two machines, one site: two web processes and two workers over one database, one cache and one object store."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import subprocess

import psycopg
import pytest

from deploy.processes import ROOT, is_open
from deploy.services import MANAGE
from tests.services.conftest import PAPER, until
from tests.services.visitor import Visitor

pytestmark = [pytest.mark.services, pytest.mark.xdist_group("services")]
POST = "/news/nactso-ctpn-information/"


def test_whoever_signs_in_on_one_machine_is_signed_in_on_the_other(machines, member):
    page = member.elsewhere(machines.b).get("/members/")
    assert page.status == 200
    assert "Sign out" in page.text
    assert Visitor(machines.b).get("/members/").status == 302


def test_what_is_published_on_one_machine_is_new_on_the_other(machines, editor):
    (key,) = machines.rows("SELECT id FROM wagtailcore_page WHERE slug = %s", "nactso-ctpn-information")[0]
    visitor = Visitor(machines.b)
    assert visitor.get(POST).status == 200
    at_a = editor.elsewhere(machines.a)
    for action, status in (("unpublish", 404), ("publish", 200)):
        done = at_a.send(f"/admin/bulk/wagtailcore/page/{action}/?id={key}&next=/admin/", {})
        assert done.status == 302, done.text
        until(lambda status=status: visitor.get(POST).status == status, f"B answers {status} after A's {action}")
        front = machines.front()
        until(lambda status=status, front=front: front.get(POST).status == status, f"nginx answers {status}")


def test_what_is_uploaded_on_one_machine_is_downloaded_from_the_other(machines, member, paper):
    answer = member.elsewhere(machines.b).get(paper.download, Range="bytes=100-")
    # B leaves the bytes to nginx, and says where they are to nobody else.
    assert (answer.status, answer.body) == (200, b"")
    whole = member.elsewhere(machines.stack.port, machines.stack.certificate).get(paper.download)
    assert (whole.status, whole.body == PAPER) == (200, True)


def test_wrong_passwords_are_counted_together(machines):
    visitors = [Visitor(port, address="198.51.100.7") for port in (machines.a, machines.b)]
    statuses = [visitors[turn % 2].sign_in("lapsed", "wrong").status for turn in range(5)]
    assert statuses == [200] * 5
    assert [each.sign_in("lapsed").status for each in visitors] == [429, 429]


def test_scheduled_work_is_done_once_by_two_timers(machines):
    ((last,),) = machines.rows("SELECT max(id) FROM members_accessrecord")
    machines.rows(
        "UPDATE members_membership SET starts_on = '2020-01-01', expires_on = '2021-01-01', lapse_is_noted = false "
        "WHERE decision = 'approved' AND user_id IN (SELECT id FROM members_user WHERE email NOT IN "
        "('member@example.org', 'editor@example.org'))"
    )
    # Both come to the same row at the same time: it is held until they wait for it.
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = 'gatehouse'"
    with psycopg.connect(machines.stack.database()) as holding:
        holding.execute("SELECT 1 FROM members_membership WHERE expires_on = '2021-01-01' FOR UPDATE")
        timers = [
            subprocess.Popen([*MANAGE, "run_due"], cwd=ROOT, env=machines.stack.environment, stderr=subprocess.DEVNULL)
            for _ in range(2)
        ]
        until(lambda: len(machines.rows(waiting)) >= 2, "both timers wait for the row", 60)
    assert [timer.wait(60) for timer in timers] == [0, 0]
    due = machines.rows("SELECT number FROM members_membership WHERE expires_on = '2021-01-01' ORDER BY number")
    noted = machines.rows(
        "SELECT object_id FROM members_accessrecord WHERE id > %s AND action = 'membership_lapsed' "
        "ORDER BY object_id::int",
        last,
    )
    assert len(due) > 5
    assert [str(number) for (number,) in due] == [number for (number,) in noted]


def archive(paper) -> str:
    """The address of a zip, which the web process itself sends."""
    return f"/files/archive/?document={paper.uuid}"


def begin_slowly(visitor: Visitor, path: str) -> tuple[socket.socket, http.client.HTTPResponse]:
    """An answer whose head and first kilobyte have been read by somebody with a narrow line."""
    connection = visitor.connect()
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    connection.sock.settimeout(60)
    connection.sock.connect(("127.0.0.1", visitor.port))
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    connection.request(
        "GET", path,
        headers={"Host": "localhost", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1", "Cookie": cookies},
    )  # fmt: skip
    return connection.sock, connection.getresponse()


def test_machine_that_is_told_to_stop_finishes_what_it_has_begun(machines, member, paper):
    machine = machines.stack.processes["web-a"]
    begun, response = begin_slowly(member.elsewhere(machines.a), archive(paper))
    first = response.read(1024)
    machine.running.send_signal(signal.SIGTERM)
    until(lambda: not is_open(machines.a), "A takes nobody new")
    assert machines.front().get("/health/live/").status == 200  # by B
    rest = response.read()
    begun.close()
    assert len(first + rest) == int(response.headers["Content-Length"])
    assert PAPER in first + rest
    assert machine.running.wait(30) == 0
    machines.restart(machine)


def test_download_that_a_dying_machine_broke_off_is_resumed_on_the_other(machines, member, paper):
    machine = machines.stack.processes["web-a"]
    begun, response = begin_slowly(member.elsewhere(machines.a), archive(paper))
    first = response.read(1024)
    machine.kill()
    with pytest.raises((http.client.IncompleteRead, ConnectionError)) as broken:
        response.read()
    begun.close()
    got = first + getattr(broken.value, "partial", b"")
    size = int(response.headers["Content-Length"])
    assert len(got) < size
    at_front = member.elsewhere(machines.stack.port, machines.stack.certificate)
    rest = at_front.ask(
        "GET", archive(paper), headers={"Range": f"bytes={len(got)}-", "If-Range": response.headers["ETag"]}
    )
    assert (rest.status, rest.headers["content-range"]) == (206, f"bytes {len(got)}-{size - 1}/{size}")
    assert len(got + rest.body) == size
    assert PAPER in got + rest.body
    machines.restart(machine)


def test_both_machines_are_ready_and_the_front_asks_them_in_turn(machines):
    for port in (machines.a, machines.b):
        until(lambda port=port: Visitor(port).get("/health/ready/").status == 200, f"port {port} is ready", 90)
    front = machines.front()
    assert {front.get("/health/live/").status for _ in range(4)} == {200}
    both = {f"127.0.0.1:{port}" for port in (machines.a, machines.b)}
    log = machines.stack.folder / "nginx" / "access.log"
    until(lambda: both <= set(re.findall(r'"web":"([^",]+)"', log.read_text())), "nginx has asked both")
