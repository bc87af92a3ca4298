"""A check against a real lab: nothing while all is well, and each thing that breaks once."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from cockpit import config
from cockpit.config import Context, LabFile
from cockpit.contract.model import Report
from cockpit.contract.run import run
from cockpit.contract.settings import Settings
from cockpit.lab.lab import Lab
from cockpit.lab.playing import BASELINE, players
from tests.integration.conftest import SPEED, get_json
from tests.waiting import wait_until

pytestmark = pytest.mark.servers

FOLDERS = [config.shipped("runbooks"), config.shipped("scenarios")]
RENAMED = "action_validation_total"
WITHOUT_PROOFS = ("whether the 16 scenarios hold: no proofs were asked for",)


@pytest.fixture
def own_lab(binaries: dict[str, str], own_state: Path) -> Iterator[LabFile]:
    """A lab of the test's own with healthy traffic, every rule of it evaluated."""
    playing = players([BASELINE], speed=SPEED, folder=config.shipped("scenarios"))
    with Lab(speed=SPEED, players=playing) as started:
        assert started.file is not None
        file = started.file
        wait_until(lambda: series(file, RENAMED) and healthy(file), "it is scraped and evaluated")
        yield file


def series(lab: LabFile, metric: str) -> list[Any]:
    found: list[Any] = get_json(lab.prometheus, f"/api/v1/query?query={metric}")["data"]["result"]
    return found


def healthy(lab: LabFile) -> bool:
    groups = get_json(lab.prometheus, "/api/v1/rules")["data"]["groups"]
    return all(rule["health"] == "ok" for group in groups for rule in group["rules"])


def context(lab: LabFile) -> Context:
    return config.resolve(config.Config(contexts={"lab": config.lab_context(lab)}), "lab", config.Overrides())


def check(asked: Context) -> Report:
    return run(FOLDERS, Settings(), context=asked, proofs=False).report


def found(report: Report) -> list[tuple[str, str, str]]:
    """Return rule, file and first word of each finding, by rule."""
    return sorted((each.rule, Path(each.path).name, each.message.split()[0]) for each in report.findings)


def edit(path: Path, change: Any) -> None:
    yaml = YAML(typ="safe", pure=True)
    document = yaml.load(path)
    change(document)
    yaml.dump(document, path)


def without_privacy_violation(rules: Any) -> None:
    group = rules["groups"][0]
    group["rules"] = [each for each in group["rules"] if each.get("alert") != "PrivacyViolation"]


def other_scrapes(prometheus: Any) -> None:
    jobs = prometheus["scrape_configs"]
    (gateway,) = (each for each in jobs if each["job_name"] == "pushgateway")
    new_name = {
        "source_labels": ["__name__"],
        "regex": RENAMED,
        "replacement": "action_validations_total",
        "target_label": "__name__",
    }
    gateway["metric_relabel_configs"] = [new_name]
    # Nothing listens on port 1 of loopback.
    jobs.append({"job_name": "refusing", "static_configs": [{"targets": ["127.0.0.1:1"]}]})


def test_a_rule_removed_a_target_down_and_a_metric_renamed_are_all_that_is_found(own_lab: LabFile) -> None:
    healthy_report = check(context(own_lab))
    assert found(healthy_report) == []
    assert healthy_report.not_checked == WITHOUT_PROOFS

    (data,) = (config.lab_file().parent).glob("data-*")
    edit(data / "safety.yml", without_privacy_violation)
    edit(data / "prometheus.yml", other_scrapes)
    os.kill(own_lab.pids["prometheus"], signal.SIGHUP)

    expected = [
        ("live/missing-metric", "actions.yml", RENAMED),
        ("live/rules-differ", "safety.yml", "PrivacyViolation"),
        ("live/target-down", "prometheus", "127.0.0.1:1"),
    ]
    report = wait_until(lambda: same(check(context(own_lab)), expected), "the three are found")
    gone, unloaded, down = sorted(report.findings, key=lambda each: each.rule)
    assert " is gone since 2" in gone.message
    assert " UTC: " in gone.message
    assert gone.remedy == "did you mean action_validations_total?"
    assert RENAMED in gone.source
    assert unloaded.source.strip() == "- alert: PrivacyViolation"
    assert "connection refused" in down.message
    assert report.not_checked == WITHOUT_PROOFS


def same(report: Report, expected: list[tuple[str, str, str]]) -> Report | None:
    """Return the report where it has what is expected; what is found on the way there is part of it."""
    assert set(found(report)) <= set(expected), report.findings
    return report if found(report) == expected else None


def test_servers_that_do_not_answer_are_said_and_nothing_is_made_of_it() -> None:
    gone = Context(name="gone", prometheus=("http://127.0.0.1:1",), alertmanager=("http://127.0.0.1:1",))

    report = check(gone)

    assert found(report) == []
    assert report.not_checked == (
        *WITHOUT_PROOFS,
        "rules, targets and metrics: prometheus: the connection is refused",
        "silences and receivers: alertmanager: the connection is refused",
    )
