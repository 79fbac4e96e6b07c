"""The machines of `tests/services/networks.py` are what they are taken for: else nothing is shown by them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import networks

pytestmark = [pytest.mark.services, pytest.mark.xdist_group("services")]
LOOK = """
import os, socket, urllib.error, urllib.request
import psycopg
def is_open(host, port):
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0
print([name for name, port in {ports!r}.items() if is_open("127.0.0.1", port)])
print([name for name, port in {ports!r}.items() if is_open({bridge!r}, port)])
print(sorted(os.listdir({site!r})), sorted(os.listdir({folder!r})))
with socket.create_connection(({bridge!r}, {ports!r}["cache"])) as cache:
    cache.sendall(b"PING\\r\\n")
    print(cache.recv(100))
try:
    psycopg.connect(host={bridge!r}, port={ports!r}["database"], user="gatehouse", dbname="gatehouse")
except psycopg.OperationalError as why:
    print(str(why).rpartition(": ")[2])
try:
    urllib.request.urlopen("http://%s:%s/papers" % ({bridge!r}, {ports!r}["store"]))
except urllib.error.HTTPError as why:
    print(why.code)
"""


def inside(machine: networks.Machine, *command: str) -> str:
    return subprocess.run(machine.command([*command]), check=True, capture_output=True, text=True).stdout


def test_machines_have_nothing_in_common_but_a_cable_and_what_the_services_ask_a_password_for(machines, bridge):
    if bridge.why_not:
        pytest.skip(bridge.why_not)
    stack = machines.stack
    (stack.site / "of-this-one").touch()
    ports = {"web": stack.web_ports["web-a"], "database": stack.postgresql_port, "cache": stack.redis_port,
             "store": stack.store_ports[0], "volumes": stack.store_ports[2]}  # fmt: skip
    with bridge.machine(7, stack.folder) as one, bridge.machine(8, stack.folder) as other:
        inside(other, "touch", str(stack.site / "of-another"))
        look = LOOK.format(ports=ports, bridge=bridge.address, site=str(stack.site), folder=str(stack.folder))
        assert inside(one, sys.executable, "-c", look).splitlines() == [
            "[]", "['database', 'cache', 'store']", "['public', 'static'] ['site', 'tmp']",
            r"b'-NOAUTH Authentication required.\r\n'", "no password supplied", "403",
        ]  # fmt: skip


def test_nothing_of_a_machine_is_left_when_a_test_fails(bridge, tmp_path):
    if bridge.why_not:
        pytest.skip(bridge.why_not)
    (tmp_path / "site" / "static").mkdir(parents=True)

    def fail() -> None:
        with networks.bridge("again") as other, other.machine(1, tmp_path) as machine:
            there.append((other, machine, networks.ip("-oneline", "link")))
            raise ZeroDivisionError

    there: list[tuple[networks.Bridge, networks.Machine, str]] = []
    with pytest.raises(ZeroDivisionError):
        fail()
    ((other, machine, links),) = there
    assert all(f": {name}" in links for name in (f"{other.name}:", f"{other.name}m1@"))
    assert other.name not in networks.ip("-oneline", "link")
    assert not Path(f"/proc/{machine.holder}").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disk", "site"]  # empty where its disk was
    assert list((tmp_path / "disk").iterdir()) == []
