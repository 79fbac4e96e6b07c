"""What lies in deploy/: units as hard as they claim, and alerts about metrics that exist."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from portal.ops import facts, metrics, scanning

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
ANALYZE = shutil.which("systemd-analyze")
EXPOSED = 3.0  # of 10


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze: install Debian's package systemd")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_unit_is_understood_and_hardly_exposed(unit, tmp_path):
    instance = tmp_path / unit.name.replace("@", "@8000")
    # The program is not installed here: another executable stands in its place.
    instance.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", unit.read_text()))
    verified = subprocess.run(
        [ANALYZE, "verify", "--man=no", str(instance)], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    options = ["--offline=true", "--no-pager", "--json=short", f"--threshold={EXPOSED * 10:.0f}"]
    judged = subprocess.run(
        [ANALYZE, "security", *options, str(instance)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert json.loads(judged.stdout)


def test_there_is_a_unit_for_each_process():
    assert [unit.name for unit in UNITS] == [
        "gatehouse-timer.service", "gatehouse-web@.service", "gatehouse-worker@.service",
    ]  # fmt: skip


def rules() -> list[dict[str, object]]:
    return [rule for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_alert_asks_for_metrics_that_exist_and_says_what_to_do(db, settings, tmp_path, clamd, rule):
    settings.DATA_DIR = tmp_path
    scanning.keep_up()
    (tmp_path / "last_backup.json").write_text('{"made_at": "2026-11-01T00:00:00+00:00", "bytes": 1}')
    told = [each.name for each in (*metrics.counts.collect(), *facts.Facts().collect())]
    known = {f"{name}{ending}" for name in told for ending in ("", "_total", "_count", "_bucket")}
    # Those that nothing has happened for yet.
    known |= {"gatehouse_timer_age_seconds", "gatehouse_timer_failed_jobs"}
    asked = set(re.findall(r"gatehouse_\w+", str(rule["expr"])))
    assert asked
    assert asked <= known
    assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
    assert rule["annotations"]["summary"].endswith(".")


def test_compose_file_has_each_process_of_the_procfile_and_says_that_it_was_not_run():
    written = (DEPLOY / "container" / "compose.yaml").read_text()
    services = yaml.safe_load(written)["services"]
    assert set(services) == {"web", "worker", "timer", "postgresql", "redis", "store", "clamd", "nginx"}
    processes = re.findall(r"^(\w+):", (DEPLOY.parent / "Procfile").read_text(), flags=re.MULTILINE)
    assert set(processes) <= set(services)
    assert services["worker"]["command"][:3] == ["python", "manage.py", "db_worker"]
    for file in ("Containerfile", "compose.yaml"):
        assert (DEPLOY / "container" / file).read_text().startswith("# Could not be run here")


def test_image_has_every_folder_that_the_site_needs():
    copied = set(
        re.findall(r"^COPY (\w+) \1$", (DEPLOY / "container" / "Containerfile").read_text(), flags=re.MULTILINE)
    )
    assert copied == {"portal", "fileshare", "members", "templates", "static", "deploy"}
