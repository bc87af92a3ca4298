"""The route tree of Alertmanager, walked here and by amtool."""

import shutil
import subprocess
from pathlib import Path

import pytest

from cockpit.alerts.routing import Matcher, matchers, parse
from cockpit.config import shipped
from cockpit.errors import UsageError

TREE = """
global: {smtp_smarthost: "mail.example:25", smtp_from: am@example.com}
route:
  receiver: fallback
  group_by: [alertname]
  group_wait: 10s
  routes:
  - matchers: [severity="critical"]
    receiver: pager
    group_wait: 5s
    continue: true
    routes:
    - {matchers: ['team=~"db|sql"', 'env!="dev"'], receiver: dba, mute_time_intervals: [nights]}
    - matchers: ['team!~"a.*"', 'team=~".+"']
      receiver: others
  - match: {severity: critical, team: web}
    receiver: web
  - match_re: {service: "pay.*"}
    receiver: pay
    group_interval: 1m
    continue: true
  - matchers: ['{service=~"p.+",env="prod"}']
    receiver: prod
receivers:
- name: fallback
- {name: pager, pagerduty_configs: [{routing_key: <secret>, url: "http://x/y"}]}
- {name: dba, email_configs: [{to: dba@example.com}], webhook_configs: [{url: "http://u:p@hook.example/s3cret?k"}]}
- {name: others, slack_configs: [{channel: "#others"}]}
- {name: web, slack_configs: [{channel: "#web"}]}
- {name: pay, slack_configs: [{channel: "#pay"}]}
- {name: prod, slack_configs: [{channel: "#prod"}]}
- {name: slack, slack_configs: [{channel: "#ops", api_url: <secret>}]}
time_intervals:
- name: nights
  time_intervals: [{times: [{start_time: "22:00", end_time: "23:00"}]}]
"""
LABELS = [
    {},
    {"severity": "warning"},
    {"severity": "critical"},
    {"severity": "critical", "team": "db", "env": "prod"},
    {"severity": "critical", "team": "db", "env": "dev"},
    {"severity": "critical", "team": "dbx"},
    {"severity": "critical", "team": "app"},
    {"severity": "critical", "team": "web"},
    {"service": "payments"},
    {"service": "payments", "env": "prod"},
    {"service": "xpay", "env": "prod"},
    {"severity": "critical", "service": "pay", "env": "prod"},
]


def receivers(labels: dict[str, str], config: str = TREE) -> list[str]:
    return [each.route.receiver for each in parse(config).taken(labels)]


def test_the_first_child_that_matches_takes_it_and_continue_lets_others_too() -> None:
    assert receivers({}) == ["fallback"]
    assert receivers({"severity": "critical"}) == ["pager"]
    assert receivers({"severity": "critical", "team": "web"}) == ["others", "web"]
    assert receivers({"severity": "critical", "team": "db", "env": "prod"}) == ["dba"]
    assert receivers({"service": "payments", "env": "prod"}) == ["pay", "prod"]


def test_a_route_inherits_all_but_its_time_intervals() -> None:
    (taken,) = parse(TREE).taken({"severity": "critical", "team": "db"})
    route = taken.route
    assert (route.receiver, route.group_by, route.group_wait) == ("dba", ("alertname",), 5.0)
    assert (route.group_interval, route.repeat_interval) == (300.0, 14_400.0)
    assert route.muted_in == ("nights",)
    assert taken.path == 'severity="critical" > team=~"db|sql" env!="dev"'
    (root,) = parse(TREE).taken({})
    assert (root.path, root.route.group_wait, root.route.muted_in) == ("default", 10.0, ())


def test_receivers_say_whom_they_reach_and_no_secret() -> None:
    routing = parse(TREE)
    assert str(routing.receiver("slack")) == "slack: #ops"
    assert str(routing.receiver("others")) == "others: slack #others"
    assert str(routing.receiver("pager")) == "pager: pagerduty"
    assert str(routing.receiver("dba")) == "dba: email dba@example.com, webhook hook.example"
    assert str(routing.receiver("fallback")) == "fallback, which reaches nobody"
    assert str(routing.receiver("gone")) == "gone, which reaches nobody"


def test_matchers_of_both_styles() -> None:
    assert matchers('a="b, c=d"') == (Matcher("a", "=", "b, c=d"),)
    assert matchers('{a="b", c!~"x{2}" , d=e}') == (
        Matcher("a", "=", "b"), Matcher("c", "!~", "x{2}"), Matcher("d", "=", "e"),
    )  # fmt: skip
    assert matchers(r'a="q\"\\\n"') == (Matcher("a", "=", 'q"\\\n'),)
    assert matchers('"a b"=~"c"') == (Matcher("a b", "=~", "c"),)
    assert matchers("a=") == (Matcher("a", "=", ""),)
    for text in ("a", "=b", 'a="b', 'a="b" c="d"'):
        with pytest.raises(UsageError, match="no matcher that can be read"):
            matchers(text)


def test_a_missing_label_is_the_empty_string() -> None:
    assert Matcher("a", "=", "").matches({})
    assert Matcher("a", "!=", "b").matches({})
    assert not Matcher("a", "=~", ".+").matches({})
    assert not Matcher("a", "=~", "b").matches({"a": "bb"})


@pytest.mark.parametrize(
    "text", ["", "a: [", "- 1", "route: 5", "receivers: []", "route: {group_wait: soon}"]
)
def test_a_configuration_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text)


def test_aliases_that_make_a_tree_without_end_are_refused() -> None:
    levels = ["a0: &a0 {receiver: x}"]
    levels += [f"a{n}: &a{n} {{routes: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 6)]
    with pytest.raises(UsageError, match="more than 20000 routes"):
        parse("\n".join([*levels, "route: *a5"]))


@pytest.mark.servers
@pytest.mark.parametrize("config", ["tree", "shipped"])
def test_amtool_takes_the_same_routes(config: str, tmp_path: Path) -> None:
    if shutil.which("amtool") is None:
        pytest.skip("amtool is not installed")
    text = TREE.replace("<secret>", "s").replace("slack_configs: [{", "slack_configs: [{api_url: s, ")
    text = text.replace(", api_url: s}", "}")
    if config == "shipped":
        text = (shipped("scenarios") / "rules" / "alertmanager.yml").read_text(encoding="utf-8")
    file = tmp_path / "am.yml"
    file.write_text(text.replace("api_url: s", "api_url: http://s/"))
    for labels in [*LABELS, {"alertname": "Watchdog"}, {"alertname": "Watchdog", "severity": "critical"}]:
        words = [f"{name}={value}" for name, value in labels.items()]
        command = ["amtool", "config", "routes", "test", f"--config.file={file}", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip().split(",") == receivers(labels, file.read_text()), labels
