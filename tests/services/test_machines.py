"""Two machines, one site: two web processes and two workers over one database, one cache and one object store.

First on one network, as `make services` starts them; then each with a network and a disk of its own, and nothing but
the bridge between it and all that it needs, so that whatever rests on 127.0.0.1 or on files of one machine breaks.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import re
import signal
import socket
import subprocess
from collections.abc import Iterator

import psycopg
import pytest

from deploy.processes import ROOT, free_port, is_open, running, stop_all
from deploy.services import MANAGE, Stack
from tests.services.conftest import PAPER, Machines, bring, signed_in, until
from tests.services.networks import Bridge, Machine
from tests.services.visitor import Visitor

pytestmark = [pytest.mark.services, pytest.mark.xdist_group("services")]
POST = "/news/nactso-ctpn-information/"
ONE, TWO = "one network", "two networks"


@pytest.fixture(scope="module", params=[ONE, TWO])
def machines(request, started, bridge):
    if request.param == ONE:
        yield started
        for name in started.web:
            web = started.processes[f"web-{name}"]
            if web.has_ended():  # since it was killed
                web.start()
                web.wait_until(lambda name=name: started.is_live(name))
    elif bridge.why_not:
        pytest.skip(bridge.why_not)
    else:
        with on_two_networks(started.stack, bridge) as apart:
            yield apart


@contextlib.contextmanager
def on_two_networks(stack: Stack, bridge: Bridge) -> Iterator[Machines]:
    """Machines beside those of the stack, whose workers rest until the end, so that these do what there is to do."""
    resting, apart = [stack.processes[name] for name in ("worker-a", "worker-b")], dict[str, Machine]()
    with contextlib.ExitStack() as opened:
        processes = []
        for number, name in enumerate("ab", 1):
            machine = apart[name] = opened.enter_context(bridge.machine(number, stack.folder))
            hosts = f"{stack.environment['ALLOWED_HOSTS']},{machine.address}"
            own = stack.environment | {
                "HOST": machine.address, "ALLOWED_HOSTS": hosts, "TMPDIR": str(stack.folder / "tmp"),
            }  # fmt: skip
            for each in (stack.web(f"web-{name}", 8000, own), stack.worker(f"worker-{name}", own)):
                log = each.log.with_name(f"{each.name}-apart")
                processes.append(dataclasses.replace(each, command=machine.command(each.command), log=log))
        web = {name: f"{machine.address}:8000" for name, machine in apart.items()}
        port = free_port()
        nginx = stack.nginx("nginx-apart", port, list(web.values()))
        stop_all(resting)
        opened.callback(lambda: [each.start() for each in resting])
        opened.enter_context(running(*processes, nginx))
        machines = Machines(
            stack, web, {each.name: each for each in processes}, nginx.name, port,
            lambda name, command: apart[name].command(command),
        )  # fmt: skip
        for name in apart:
            machines.processes[f"web-{name}"].wait_until(lambda name=name: machines.is_live(name))
        yield machines


@pytest.fixture(scope="module")
def member(machines):
    return signed_in(machines, "member")


@pytest.fixture(scope="module")
def editor(machines):
    return signed_in(machines, "editor")


@pytest.fixture(scope="module")
def paper(machines, editor):
    return bring(machines, editor, PAPER + machines.nginx.encode())  # a file that is there already is refused


def test_whoever_signs_in_on_one_machine_is_signed_in_on_the_other(machines, member):
    page = machines.at("b", member).get("/members/")
    assert page.status == 200
    assert "Sign out" in page.text
    assert machines.at("b").get("/members/").status == 302


def test_what_is_published_on_one_machine_is_new_on_the_other(machines, editor):
    (key,) = machines.rows("SELECT id FROM wagtailcore_page WHERE slug = %s", "nactso-ctpn-information")[0]
    visitor = machines.at("b")
    assert visitor.get(POST).status == 200
    at_a = machines.at("a", editor)
    for action, status in (("unpublish", 404), ("publish", 200)):
        done = at_a.send(f"/admin/bulk/wagtailcore/page/{action}/?id={key}&next=/admin/", {})
        assert done.status == 302, done.text
        until(lambda status=status: visitor.get(POST).status == status, f"B answers {status} after A's {action}")
        front = machines.front()
        until(lambda status=status, front=front: front.get(POST).status == status, f"nginx answers {status}")


def test_what_is_uploaded_on_one_machine_is_downloaded_from_the_other(machines, member, paper):
    answer = machines.at("b", member).get(paper.download, Range="bytes=100-")
    # B leaves the bytes to nginx, and says where they are to nobody else.
    assert (answer.status, answer.body) == (200, b"")
    whole = machines.front(member).get(paper.download)
    assert (whole.status, whole.body == paper.film) == (200, True)


def test_wrong_passwords_are_counted_together(machines):
    who, address = {"nginx": ("lapsed", "198.51.100.7")}.get(machines.nginx, ("hugh.tanner", "198.51.100.8"))
    visitors = [machines.at(machine, address=address) for machine in "ab"]
    statuses = [visitors[turn % 2].sign_in(who, "wrong").status for turn in range(5)]
    assert statuses == [200] * 5
    assert [each.sign_in(who).status for each in visitors] == [429, 429]


def test_scheduled_work_is_done_once_by_two_timers(machines, bridge):
    if machines.nginx == "nginx" and not bridge.why_not:
        pytest.skip("two timers on two networks show the same")
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
            subprocess.Popen(
                machines.inside(machine, [*MANAGE, "run_due"]), cwd=ROOT, env=machines.stack.environment,
                stderr=subprocess.DEVNULL,
            )
            for machine in "ab"
        ]  # fmt: skip
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
    connection.sock.connect((visitor.host, visitor.port))
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    connection.request(
        "GET", path,
        headers={"Host": "localhost", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1", "Cookie": cookies},
    )  # fmt: skip
    return connection.sock, connection.getresponse()


@pytest.mark.parametrize("machines", [ONE], indirect=True)
def test_machine_that_is_told_to_stop_finishes_what_it_has_begun(machines, member, paper):
    machine = machines.processes["web-a"]
    begun, response = begin_slowly(machines.at("a", member), archive(paper))
    first = response.read(1024)
    machine.running.send_signal(signal.SIGTERM)
    until(lambda: not is_open(machines.at("a").port, machines.at("a").host), "A takes nobody new")
    assert machines.front().get("/health/live/").status == 200  # by B
    rest = response.read()
    begun.close()
    assert len(first + rest) == int(response.headers["Content-Length"])
    assert paper.film in first + rest
    assert machine.running.wait(30) == 0
    machine.start()
    machine.wait_until(lambda: machines.is_live("a"))


def test_both_machines_are_ready_and_the_front_asks_them_in_turn(machines):
    for name in machines.web:
        until(lambda name=name: machines.at(name).get("/health/ready/").status == 200, f"{name} is ready", 90)
    front = machines.front()
    assert {front.get("/health/live/").status for _ in range(4)} == {200}
    asked = re.compile(r'"web":"([^",]+)"')
    until(lambda: {*machines.web.values()} <= {*asked.findall(machines.log.read_text())}, "nginx has asked both")


def test_download_that_a_dying_machine_broke_off_is_resumed_on_the_other(machines, member, paper):
    machine = machines.processes["web-a"]
    begun, response = begin_slowly(machines.at("a", member), archive(paper))
    first = response.read(1024)
    machine.kill()
    with pytest.raises((http.client.IncompleteRead, ConnectionError)) as broken:
        response.read()
    begun.close()
    got = first + getattr(broken.value, "partial", b"")
    size = int(response.headers["Content-Length"])
    assert len(got) < size
    rest = machines.front(member).ask(
        "GET", archive(paper), headers={"Range": f"bytes={len(got)}-", "If-Range": response.headers["ETag"]}
    )
    assert (rest.status, rest.headers["content-range"]) == (206, f"bytes {len(got)}-{size - 1}/{size}")
    assert len(got + rest.body) == size
    assert paper.film in got + rest.body
