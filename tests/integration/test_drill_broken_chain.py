"""A chain with one broken link costs a drill the phase that hangs on it, and the report names the link.

Each link is broken in a copy of the scenario folder with a lab of its own, several of them at a time. The
drill is tabletop-01 up to that phase, without what people do, and with limits that an intact chain keeps.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from cockpit import config
from cockpit.config import LabFile
from tests.integration.test_why import post

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[2]
SPEED = 120
AT_ONCE = 4
AMPLE = "30m"
INJECT, FIRES, INHIBITION, RESOLUTION = (
    "Inject synthetic error rate",
    "Alert fires",
    "Alert inhibition",
    "Resolution",
)
TIGHT = {INJECT: "5m", FIRES: "15m", INHIBITION: "10m", RESOLUTION: "15m"}
"""The limits of the phase that a link costs: an intact chain keeps them all, and no broken one takes long."""

INTACT = "nothing broken"
WARNING = "GmailSendErrorRateWarning"
Change = Callable[[str], str]


def in_warning(change: Change) -> Change:
    """Return a change of the warning's rule alone."""
    rule = re.compile(rf"( +- alert: {WARNING}\n.*?)(?= +- alert: )", re.DOTALL)
    return lambda text: rule.sub(lambda found: change(found[1]), text)


def replaced(pattern: str, by: str) -> Change:
    return lambda text: re.sub(pattern, by, text, flags=re.DOTALL)


def without_honor_labels(lab: LabFile, state: Path) -> None:
    (path,) = (state / "lab").glob("data-*/prometheus.yml")
    path.write_text(path.read_text().replace("honor_labels: true", "honor_labels: false"))
    os.kill(lab.pids["prometheus"], signal.SIGHUP)


def receivers_fail(lab: LabFile, state: Path) -> None:
    post(f"{lab.sink}/fail?status=500&count=1000000")


@dataclass(frozen=True)
class Link:
    """A link: the phase that it costs, how it is named, and how it breaks, in a file or in the lab."""

    costs: str
    named: str
    rules: Change | None = None
    alertmanager: Change | None = None
    lab: Callable[[LabFile, Path], None] | None = None


LINKS = {
    "the warning rule deleted": Link(
        FIRES, "no rule of this name is loaded", rules=in_warning(lambda rule: "")
    ),
    "its threshold raised tenfold": Link(
        FIRES, "not over 0.1", rules=in_warning(replaced("> 0.01", "> 0.1"))
    ),
    "its `for` raised": Link(FIRES, "2h", rules=in_warning(replaced("for: 10m", "for: 2h"))),
    "the Slack route removed": Link(
        FIRES,
        "it is routed to dead-mans-switch",
        alertmanager=lambda text: replaced(
            "receiver: slack\n  group_by", "receiver: dead-mans-switch\n  group_by"
        )(replaced(r' +- matchers: \[severity="warning"\]\n +receiver: slack\n', "")(text)),
    ),
    "the receiver answering 500": Link(FIRES, "slack fails: ", lab=receivers_fail),
    "the inhibition rule removed": Link(
        INHIBITION, "no inhibition rule", alertmanager=replaced("inhibit_rules:.*(?=receivers:\n)", "")
    ),
    "its `equal` label misspelt": Link(
        INHIBITION, "servcie", alertmanager=replaced("equal: .service,", "equal: [servcie,")
    ),
    "honor_labels off": Link(INJECT, "without honor_labels", lab=without_honor_labels),
    "runbook_url missing": Link(
        FIRES, "annotation runbook_url", rules=in_warning(replaced(r" +runbook_url:[^\n]*\n", ""))
    ),
    "the summary empty": Link(
        FIRES, "annotation summary", rules=in_warning(replaced(r"summary: [^\n]*", 'summary: ""'))
    ),
    "resolved notifications off": Link(
        RESOLUTION,
        "send_resolved is off for slack",
        alertmanager=replaced("send_resolved: true", "send_resolved: false"),
    ),
}


def drill_up_to(last: str) -> dict[str, Any]:
    """Return tabletop-01 up to the phase `last`, without those of the operator; empty for all the phases.

    A message has all the time of its phase: how fast one is, is none of these links.
    """
    shipped = config.shipped("scenarios") / "drills" / "tabletop-01.yaml"
    drill: dict[str, Any] = YAML(typ="safe", pure=True).load(shipped.read_text())
    phases = [each for each in drill["phases"] if "operator" not in each]
    names = [each["name"] for each in phases]
    assert names == list(TIGHT)
    kept = phases[: names.index(last) + 1] if last else phases
    for phase in kept:
        phase["limit"] = TIGHT[phase["name"]] if phase["name"] == last or not last else AMPLE
        phase["verify"] = [{key: each[key] for key in each if key != "within"} for each in phase["verify"]]
    return {**drill, "name": "short", "phases": kept, "rubric": {len(kept): "A", 0: "F"}, "pass": len(kept)}


def cockpit(state: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    kept = {k: v for k, v in os.environ.items() if not k.startswith("COCKPIT_")}
    return subprocess.run(
        [sys.executable, "-m", "cockpit", "--scenarios", str(state.parent / "scenarios"), *words],
        cwd=ROOT,
        env={**kept, "COCKPIT_STATE_DIR": str(state)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def drilled(home: Path, link: Link) -> dict[str, Any]:
    """Return the report of the drill up to the phase that `link` costs, in a lab where it is broken."""
    copy, state = home / "scenarios", home / "state"
    shutil.copytree(config.shipped("scenarios"), copy)
    with (copy / "drills" / "short.yaml").open("w") as file:
        YAML(typ="safe", pure=True).dump(drill_up_to(link.costs), file)
    for name, change in (("gmail-send", link.rules), ("alertmanager", link.alertmanager)):
        if change:
            path = copy / "rules" / f"{name}.yml"
            text = path.read_text()
            path.write_text(change(text))
            assert path.read_text() != text
    try:
        up = cockpit(state, "lab", "up", "--speed", str(SPEED), "--detach", "--no-baseline")
        assert up.returncode == 0, up.stderr
        if link.lab:
            link.lab(_lab_of(state), state)
        ran = cockpit(state, "drill", "run", "short", "--unattended", "--speed", str(SPEED), "-o", "json")
    finally:
        cockpit(state, "lab", "down")
    assert ran.stdout, ran.stderr
    report: dict[str, Any] = json.loads(ran.stdout)
    assert ran.returncode == (0 if report["verdict"] == "passed" else 1), ran.stderr
    return report


def _lab_of(state: Path) -> LabFile:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COCKPIT_STATE_DIR", str(state))
        lab = config.running_lab()
    assert lab is not None
    return lab


@pytest.fixture(scope="module")
def reports(
    binaries: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, "Future[dict[str, Any]]"]]:
    """What comes of each broken link, and of none."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        links = {INTACT: Link("", ""), **LINKS}
        yield {
            name: pool.submit(drilled, tmp_path_factory.mktemp("chain"), link) for name, link in links.items()
        }


def test_an_intact_chain_costs_nothing(reports: dict[str, "Future[dict[str, Any]]"]) -> None:
    report = reports[INTACT].result()
    assert [phase["outcome"] for phase in report["phases"]] == ["passed"] * len(TIGHT), report["went_wrong"]


@pytest.mark.parametrize("name", LINKS)
def test_a_broken_link_costs_its_phase_alone_and_is_named(
    reports: dict[str, "Future[dict[str, Any]]"], name: str
) -> None:
    link, report = LINKS[name], reports[name].result()
    outcomes = {phase["name"]: phase["outcome"] for phase in report["phases"]}
    before = dict.fromkeys(list(outcomes)[:-1], "passed")
    assert outcomes == {**before, link.costs: "failed"}, report["went_wrong"]
    assert all(said.startswith(f"phase {len(outcomes)}") for said in report["went_wrong"]), report[
        "went_wrong"
    ]
    assert link.named in " ".join(report["went_wrong"])
