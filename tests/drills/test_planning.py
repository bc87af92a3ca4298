"""What is looked at before a drill begins: a name that nothing knows is refused, what is unsafe is said."""

import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from cockpit.clients.alertmanager import Alertmanager
from cockpit.clients.prometheus import Prometheus
from cockpit.clients.pushgateway import Pushgateway
from cockpit.config import Context, shipped
from cockpit.drills import files, planning
from cockpit.drills.digests import digests
from cockpit.drills.state import Mode, Plan
from cockpit.errors import InconclusiveError, UsageError
from cockpit.files import FileError
from cockpit.runbooks.library import Library
from cockpit.session import Session

Rule = dict[str, Any]
WARNING, CRITICAL = "GmailSendErrorRateWarning", "GmailSendErrorRateCritical"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped scenarios, rules and drills."""
    shutil.copytree(shipped("scenarios"), tmp_path / "scenarios")
    return tmp_path / "scenarios"


class Servers:
    """A Prometheus that has loaded the shipped rules, and an Alertmanager with a folder's configuration."""

    def __init__(self, folder: Path) -> None:
        self.rules = [dict(rule) for rule in loaded()]
        self.config = (folder / "rules" / "alertmanager.yml").read_text()
        self.down: set[str] = set()
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(path)
        if request.url.host in self.down:
            return httpx.Response(500)
        if path.endswith("/api/v1/rules"):
            group = {"name": "g", "file": "f", "interval": 15, "rules": self.rules}
            return httpx.Response(200, json={"status": "success", "data": {"groups": [group]}})
        if path.endswith("/api/v2/status"):
            status = {"config": {"original": self.config}, "versionInfo": {"version": "0.28.0"}}
            cluster = {"status": "ready", "peers": []}
            return httpx.Response(200, json={**status, "cluster": cluster, "uptime": "2026-11-21T10:00:00Z"})
        return httpx.Response(404)

    def session(self, folder: Path, **changed: Any) -> Session:
        """Return a session on them; `changed` are keys of its context."""
        keys: dict[str, Any] = {
            "name": "test",
            "prometheus": ("http://prom.example",),
            "alertmanager": ("http://am.example",),
            "pushgateway": "http://me:secret@gateway.example",
            "runbooks": (shipped("runbooks"),),
            "scenarios": folder,
            "synthetic": True,
        }
        context = Context(**{**keys, **changed})
        gateway = Pushgateway.of(context, httpx.MockTransport(self)) if context.pushgateway else None
        return Session(
            context,
            Prometheus.of(context, httpx.MockTransport(self)),
            Alertmanager.all_of(context, httpx.MockTransport(self)),
            pushgateway=gateway,
        )


@cache
def loaded() -> tuple[Rule, ...]:
    """The shipped rules, as Prometheus answers them."""
    paths = sorted((shipped("scenarios") / "rules").glob("*.yml"))
    ours = [path for path in paths if path.name != "alertmanager.yml" and not path.stem.endswith("_test")]
    read = [YAML(typ="safe", pure=True).load(path.read_text())["groups"] for path in ours]
    return tuple(_answered(rule) for groups in read for group in groups for rule in group["rules"])


def _answered(rule: Rule) -> Rule:
    kind = "alerting" if "alert" in rule else "recording"
    name = rule.get("alert") or rule["record"]
    texts = {"labels": rule.get("labels", {}), "annotations": rule.get("annotations", {})}
    return {"type": kind, "name": name, "query": rule["expr"], "health": "ok", "alerts": [], **texts}


async def planned(session: Session, name: str = "tabletop-01") -> Plan:
    assert session.context.scenarios is not None
    drill = files.find(name, session.context.scenarios)
    async with session:
        return await planning.plan(session, drill, mode=Mode.ALONE)


@pytest.mark.parametrize("name", files.names(shipped("scenarios")))
async def test_every_name_of_a_shipped_drill_leads_somewhere(name: str, folder: Path) -> None:
    plan = await planned(Servers(folder).session(folder), name)
    assert plan.gateway == "http://gateway.example"
    assert plan.scenarios == str(folder)
    assert not plan.sink
    assert all(digest["rule"] and digest["runbook"] for digest in plan.digests.values())


async def test_a_query_bears_on_the_alert_by_what_its_rule_rests_on_and_its_runbook_asks(
    folder: Path,
) -> None:
    metrics = (await planned(Servers(folder).session(folder))).metrics
    assert {"gmail_send:error_ratio:rate5m", "action_error_total", "action_exec_total"} <= set(metrics)
    assert "oauth_refresh_failures_total" in metrics
    assert "up" not in metrics


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("play: error-rate-warn", "play: error-rate-wran", "play: no scenario 'error-rate-wran' in"),
        ("{pushed: error-rate-warn}", "{pushed: q}", "verify.0.pushed: no scenario 'q' in .*there are: base"),
        (f"{{firing: {WARNING}}}", "{firing: GmailSend}", "verify.0.firing: no alert 'GmailSend' in"),
        (f"by: {CRITICAL}", "by: Zzz", "verify.1.by: no alert 'Zzz' in rules, scenarios and runbooks"),
        (f"{{resolved: {CRITICAL}}}", "{resolved: X}", "verify.1.resolved: no alert 'X' in rules"),
        ("notified: slack,", "notified: slak,", "verify.1.notified: no receiver 'slak' in .*did you mean"),
        ("{opened: gmail-send-high-error-rate}", "{opened: gmail}", "operator.0.opened: no runbook 'gmail'"),
        ("{ran_query: true}", "{silenced: X}", "operator.1.silenced: no alert 'X' in rules"),
    ],
)  # fmt: skip
async def test_a_name_that_nothing_knows_is_refused_with_line_and_key(
    folder: Path, right: str, wrong: str, says: str
) -> None:
    path = files.path_of("tabletop-01", folder)
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong, 1))
    line = next(number for number, row in enumerate(path.read_text().splitlines(), 1) if wrong in row)
    with pytest.raises(FileError) as caught:
        await planned(Servers(folder).session(folder))
    with pytest.raises(FileError) as before_any_lab:
        planning.require_known(files.find("tabletop-01", folder), folder, Library.read([shipped("runbooks")]))
    for error in (caught.value, before_any_lab.value):
        assert re.search(rf"^drill .*tabletop-01.yaml, line {line}: phases\.\d\.{says}", error.message)


async def test_an_alert_whose_rule_is_gone_is_for_the_drill_to_find(folder: Path) -> None:
    servers = Servers(folder)
    servers.rules = [rule for rule in servers.rules if rule["name"] != WARNING]
    (folder / "rules" / "gmail-send.yml").unlink()
    plan = await planned(servers.session(folder))
    planning.require_known(files.find("tabletop-01", folder), folder, Library.read([shipped("runbooks")]))
    assert plan.digests[WARNING]["rule"] == ""
    assert plan.digests[WARNING]["runbook"]


async def test_a_scenario_that_cannot_be_used_is_said_before_it_begins(folder: Path) -> None:
    (folder / "synthetic" / "error-rate-crit.yaml").write_text("name: error-rate-crit\n")
    with pytest.raises(FileError, match=r"scenario .*error-rate-crit.yaml, line 1: title: it is needed"):
        await planned(Servers(folder).session(folder))


@pytest.mark.parametrize("host", ["prom.example", "am.example"])
async def test_a_server_that_does_not_tell_makes_it_inconclusive(folder: Path, host: str) -> None:
    servers = Servers(folder)
    servers.down.add(host)
    with pytest.raises(InconclusiveError, match=r"nothing is begun: the (rules|receivers) cannot be read"):
        await planned(servers.session(folder))


async def test_a_configuration_that_cannot_be_read_is_no_misspelling(folder: Path) -> None:
    servers = Servers(folder)
    servers.config = "nonsense"
    with pytest.raises(InconclusiveError, match="the receivers cannot be read: the configuration has no"):
        await planned(servers.session(folder))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"read_only": True}, "is read-only"),
        ({"synthetic": False}, "takes no synthetic series"),
        ({"pushgateway": None}, "has no Pushgateway"),
        ({"prometheus": ()}, "has no Prometheus: the drill cannot be verified: pass --prometheus URL"),
        ({"alertmanager": ()}, "has no Alertmanager: the drill cannot be verified: pass --alertmanager URL"),
    ],
)
async def test_where_it_may_not_be_played_nobody_is_asked(
    folder: Path, changed: dict[str, Any], says: str
) -> None:
    servers = Servers(folder)
    session = servers.session(folder, **changed)
    with pytest.raises(UsageError, match="the context 'test'") as caught:
        await planned(session)
    assert says in str(caught.value)
    with pytest.raises(UsageError):
        await planning.concerns(session, files.find("tabletop-01", folder))
    assert servers.asked == []


async def test_what_would_mix_with_real_series_or_fires_already_is_known_before(folder: Path) -> None:
    servers = Servers(folder)
    drill = files.find("tabletop-01", folder)
    nothing = await planning.concerns(servers.session(folder), drill)
    assert (nothing.mixing, nothing.active) == ((), ())
    mixing = {"type": "recording", "name": "errors:all", "query": "sum(rate(action_error_total[5m]))"}
    servers.rules.append({**mixing, "health": "ok"})
    labels = {"alertname": WARNING, "severity": "warning", "provider": "google", "action": "gmail.send"}
    firing = {"labels": {**labels, "synthetic": "error-rate-warn"}, "annotations": {}, "state": "firing"}
    (rule,) = (each for each in servers.rules if each["name"] == WARNING)
    rule["alerts"] = [{**firing, "activeAt": "2026-11-21T10:00:00Z", "value": "1"}]
    found = await planning.concerns(servers.session(folder), drill)
    assert [each.rule for each in found.mixing] == ["errors:all"]
    assert found.active == (WARNING,)
    in_a_lab = await planning.concerns(servers.session(folder, sink="http://sink.example"), drill)
    assert in_a_lab.mixing == ()


def digest(folder: Path) -> dict[str, str]:
    library = Library.read([folder / "runbooks"])
    return digests([WARNING], folder / "scenarios" / "rules", library)[WARNING]


def edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text()
    path.write_text(change(before))
    assert path.read_text() != before


@pytest.mark.parametrize(
    ("file", "change", "changes"),
    [
        ("scenarios/rules/gmail-send.yml", lambda s: s.replace("> 0.01", "> 0.02"), {"rule"}),
        ("scenarios/rules/gmail-send.yml", lambda s: s.replace("for: 10m", "for: 9m", 1), {"rule"}),
        ("scenarios/rules/gmail-send.yml", lambda s: s.replace("over 1 %", "over one percent"), {"rule"}),
        # The recording rule that it rests on.
        ("scenarios/rules/gmail-send.yml", lambda s: s.replace("[5m]", "[6m]", 1), {"rule"}),
        ("scenarios/rules/gmail-send.yml", lambda s: s.replace("> 2", "> 3"), set()),
        ("scenarios/rules/gmail-send.yml", lambda s: "# A comment.\n" + s, set()),
        ("runbooks/gmail-send-high-error-rate.md", lambda s: s + "\nAnd breathe.\n", {"runbook"}),
        ("runbooks/gmail-send-high-latency.md", lambda s: s + "\nAnd breathe.\n", set()),
    ],
)
def test_a_digest_changes_with_the_alerts_own_rule_and_runbook(
    tmp_path: Path, folder: Path, file: str, change: Callable[[str], str], changes: set[str]
) -> None:
    shutil.copytree(shipped("runbooks"), tmp_path / "runbooks")
    before = digest(tmp_path)
    edit(tmp_path / file, change)
    after = digest(tmp_path)
    assert {key for key in before if before[key] != after[key]} == changes


def test_without_rules_and_runbooks_a_digest_is_empty(tmp_path: Path) -> None:
    assert digest(tmp_path) == {"rule": "", "runbook": ""}
