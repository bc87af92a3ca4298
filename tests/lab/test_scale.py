"""Scaled rule and server files: the same meaning on a faster clock, and nothing else changed."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from cockpit.config import shipped
from cockpit.errors import UsageError
from cockpit.lab.scale import divide, prometheus_config, scale_alertmanager, scale_rules, scrape_interval
from cockpit.units import parse_duration

FOLDER = shipped("scenarios") / "rules"
ALERTMANAGER = FOLDER / "alertmanager.yml"
TESTS = sorted(FOLDER.glob("*_test.yml"))
RULES = sorted(set(FOLDER.glob("*.yml")) - {*TESTS, ALERTMANAGER})


def parsed(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def test_every_duration_of_a_rule_group_is_divided_and_labels_and_annotations_stay() -> None:
    text = """
groups:
  - name: g
    interval: 15s
    query_offset: 30s
    rules:
      - alert: A
        expr: rate(x{w="5m"}[5m:30s] offset 1h) > 300
        for: 10m
        keep_firing_for: 5m
        labels: {for: 10m, interval: 15s}
        annotations: {expr: "x[5m]", summary: over 5m}
"""
    (group,) = parsed(scale_rules(text, 60))["groups"]
    assert (group["interval"], group["query_offset"]) == ("250ms", "500ms")
    (rule,) = group["rules"]
    assert rule["expr"] == 'rate(x{w="5m"}[5s:500ms] offset 1m) > 300'
    assert (rule["for"], rule["keep_firing_for"]) == ("10s", "5s")
    assert rule["labels"] == {"for": "10m", "interval": "15s"}
    assert rule["annotations"] == {"expr": "x[5m]", "summary": "over 5m"}


@pytest.mark.parametrize("path", [*RULES, ALERTMANAGER], ids=lambda p: p.name)
def test_at_speed_1_the_shipped_files_mean_the_same(path: Path) -> None:
    scale = scale_alertmanager if path == ALERTMANAGER else scale_rules
    text = path.read_text(encoding="utf-8")
    assert parsed(scale(text, 1)) == parsed(text)


def test_an_aliased_route_is_divided_once() -> None:
    text = "route: {routes: [&r {receiver: a, group_wait: 1m}, *r, {<<: *r, receiver: b}]}"
    routes = parsed(scale_alertmanager(text, 60))["route"]["routes"]
    assert [r["group_wait"] for r in routes] == ["1s", "1s", "1s"]


def test_notifications_go_to_the_sink_and_nowhere_else() -> None:
    text = scale_alertmanager(ALERTMANAGER.read_text(encoding="utf-8"), 60, sink="http://127.0.0.1:4567")
    config = parsed(text)
    assert config["global"]["slack_api_url"] == "http://127.0.0.1:4567/slack/ops-relay"
    assert config["global"]["pagerduty_url"].startswith("http://127.0.0.1:4567/pagerduty/")
    assert config["receivers"][-1]["webhook_configs"][0]["url"].startswith("http://127.0.0.1:4567/webhook/")
    assert "127.0.0.1:9/" not in text


def test_intervals_do_not_fall_below_what_servers_can_keep_up_with() -> None:
    text = "groups: [{name: g, interval: 15s, rules: []}, {name: quick, interval: 50ms, rules: []}]"
    groups = parsed(scale_rules(text, 1000))["groups"]
    assert [g["interval"] for g in groups] == ["100ms", "50ms"]
    assert scrape_interval(1000) == 0.1
    assert scrape_interval(60) == 0.25


@given(st.integers(0, 10**9), st.integers(1, 1000))
def test_a_divided_duration_is_exact_to_the_millisecond(milliseconds: int, speed: int) -> None:
    divided = parse_duration(divide(f"{milliseconds}ms", speed))
    assert divided == pytest.approx(milliseconds / 1000 / speed, abs=0.001)
    assert (divided == 0) == (milliseconds == 0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("groups: [{name: g, rules: [{alert: A, for: soon}]}]", "my.yml: not a duration: 'soon'"),
        ("groups: [", "my.yml: "),
        ("- a", "my.yml: not a YAML mapping"),
        ("", "my.yml: not a YAML mapping"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        scale_rules(text, 60, name="my.yml")
    assert str(caught.value).startswith(says)
    assert "\n" not in str(caught.value)


def check(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.servers
@pytest.mark.parametrize("speed", [1, 7, 60, 600])
def test_promtool_and_amtool_accept_what_is_written(tmp_path: Path, speed: float) -> None:
    if shutil.which("promtool") is None or shutil.which("amtool") is None:
        pytest.skip("promtool and amtool are not installed")
    for path in RULES:
        (tmp_path / path.name).write_text(scale_rules(path.read_text(encoding="utf-8"), speed))
    (tmp_path / "am.yml").write_text(
        scale_alertmanager(ALERTMANAGER.read_text(encoding="utf-8"), speed, sink="http://127.0.0.1:4567")
    )
    (tmp_path / "prometheus.yml").write_text(
        prometheus_config(
            speed=speed,
            rule_files=tuple(path.name for path in RULES),
            pushgateway="127.0.0.1:1",
            alertmanagers=("127.0.0.1:2",),
            prometheus="127.0.0.1:3",
            external_labels={"cluster": "lab"},
        )
    )
    check("promtool", "check", "rules", *(str(tmp_path / path.name) for path in RULES))
    check("promtool", "check", "config", str(tmp_path / "prometheus.yml"))
    check("amtool", "check-config", str(tmp_path / "am.yml"))


@pytest.mark.servers
def test_the_rules_fire_when_they_should() -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed")
    assert [path.name for path in TESTS] == [f"{path.stem}_test.yml" for path in RULES]
    check("promtool", "check", "rules", *map(str, RULES))
    check("promtool", "test", "rules", *map(str, TESTS))


@pytest.mark.servers
def test_the_unscaled_alertmanager_file_is_valid() -> None:
    if shutil.which("amtool") is None:
        pytest.skip("amtool is not installed")
    check("amtool", "check-config", str(ALERTMANAGER))
