"""`cockpit triage` and `cockpit query` against the lab, with the scenario `error-rate-warn` playing in it."""

import json
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from cockpit.config import LabFile
from cockpit.units import parse_time
from tests.waiting import wait_until

pytestmark = pytest.mark.servers
ALERT = "GmailSendErrorRateWarning"


@pytest.fixture(autouse=True)
def _the_lab_is_found(lab_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(lab_state))


def cockpit(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cockpit", "--context", "lab", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, cwd=Path.cwd())


def ask(prometheus: str, expr: str, at: float) -> dict[str, float]:
    """Return the values of an instant query by labels, asked without the cockpit."""
    query = urllib.parse.urlencode({"query": expr, "time": f"{at:.3f}"})
    with urllib.request.urlopen(f"{prometheus}/api/v1/query?{query}", timeout=10) as answer:
        result = json.load(answer)["data"]["result"]
    return {key(s["metric"]): float(s["value"][1]) for s in result}


def key(labels: dict[str, str]) -> str:
    return json.dumps({k: v for k, v in labels.items() if k != "__name__"}, sort_keys=True)


def test_the_runbooks_queries_are_answered_as_prometheus_answers_them(lab: LabFile) -> None:
    def agrees(query: dict[str, Any]) -> bool:
        """Ask as of when the answer came: a few milliseconds after it was computed."""
        mine = {key(s["labels"]): s["value"] for s in query["samples"]}
        direct = ask(lab.prometheus, query["expr"], parse_time(query["answered_at"]))
        return mine == pytest.approx(direct, rel=0.02, abs=1e-6)

    def all_agree() -> dict[str, Any] | None:
        ran = cockpit("triage", ALERT, "-o", "json")
        done: dict[str, Any] = json.loads(ran.stdout) if ran.returncode == 0 else {"queries": []}
        answered = [q for q in done["queries"] if q["state"] == "answered"]
        bad = any(q["level"] == "warn" for q in answered)
        return done if bad and len(answered) >= 4 and all(map(agrees, answered)) else None

    done = wait_until(all_agree)
    assert done["alert"]["name"] == ALERT
    assert done["runbook"]["path"] == "gmail-send-high-error-rate.md"
    assert all('"$' not in q["expr"] for q in done["queries"])
    assert not any("[5m]" in q["expr"] for q in done["queries"]), "the lab has its own clock"


def test_a_range_can_be_taken_away_as_a_picture_and_as_csv(lab: LabFile, tmp_path: Path) -> None:
    expr = 'rate(action_exec_total{synthetic="baseline"}[5s])'
    wait_until(lambda: "baseline" in cockpit("query", expr).stdout)
    ran = cockpit("query", expr, "--range", "10s", "--out", str(tmp_path / "a.png"))
    assert (ran.returncode, ran.stdout) == (0, "")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    rows = cockpit("query", expr, "--range", "10s", "-o", "csv").stdout.splitlines()
    assert rows[0].startswith("timestamp,")
    assert len(rows) > 1
