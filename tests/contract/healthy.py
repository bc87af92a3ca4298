"""A small repository in which everything agrees; a test breaks one thing in it, and says what is found."""

from pathlib import Path

from cockpit.contract.check import check
from cockpit.contract.model import Finding, Report
from cockpit.contract.read import read
from cockpit.contract.settings import Settings

NOW = 1_795_219_200.0
"""21 November 2026, soon after the runbooks were reviewed."""

RULES = """\
groups:
  - name: shop
    rules:
      - record: shop:errors:ratio5m
        expr: |
          sum by (shop) (rate(shop_errors_total[5m]))
            / sum by (shop) (rate(shop_requests_total[5m]))

      - alert: ShopErrors
        expr: shop:errors:ratio5m > 0.05
        for: 5m
        labels: {severity: warning, owner: shop-team}
        annotations:
          summary: Errors in the shop
          description: Of the requests to {{ $labels.shop }}, {{ $value | humanizePercentage }} fail.
          runbook_url: https://runbooks.example/shop-errors.md#triage

      - alert: ShopErrorsCritical
        expr: shop:errors:ratio5m > 0.2
        for: 5m
        labels: {severity: critical, owner: shop-team}
        annotations:
          summary: Many errors in the shop
          description: Of the requests to {{ $labels.shop }}, {{ $value | humanizePercentage }} fail.
          runbook_url: https://runbooks.example/shop-errors.md

      - alert: Watchdog
        expr: vector(1)
        labels: {severity: none, owner: shop-team}
        annotations:
          summary: Alerting works
          description: This alert fires always.
          runbook_url: https://runbooks.example/watchdog.md
"""

ALERTMANAGER = """\
route:
  receiver: mail
  routes:
    - matchers: [severity="critical"]
      receiver: pager
    - matchers: [severity="warning"]
      receiver: chat
    - matchers: [alertname="Watchdog"]
      receiver: heartbeat
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [shop]
receivers:
  - name: mail
  - name: pager
    webhook_configs: [{url: "http://127.0.0.1:9/pager"}]
  - name: chat
    webhook_configs: [{url: "http://127.0.0.1:9/chat"}]
  - name: heartbeat
    webhook_configs: [{url: "http://127.0.0.1:9/heartbeat"}]
"""

RUNBOOK = """\
---
alerts: [ShopErrors, ShopErrorsCritical]
owner: shop-team
contacts: {slack: "#shop"}
reviewed: 2026-11-01
---
# Shop errors

## Meaning

Requests fail. See [the watchdog](watchdog.md#meaning) when nothing arrives.

## Triage

```promql {"title": "Errors by shop"}
sum by (shop) (rate(shop_errors_total{shop="$shop"}[5m]))
```

## Mitigation

```bash
shopctl restart --all
```

## Impact

Nobody can buy.

## Escalation

After 15 minutes call the [team](#meaning).

## Post-Incident

Write what happened.
"""

WATCHDOG = """\
---
alerts: [Watchdog]
owner: shop-team
reviewed: 2026-11-01
---
# Watchdog

## Meaning

Nobody is being told of anything.

## Triage

```promql
up == 0
```

## Mitigation

```bash
systemctl restart prometheus
```

## Impact

Alerts do not arrive.

## Escalation

Call at once.

## Post-Incident

Write what happened.
"""

SCENARIO = """\
name: shop-errors
title: One request in ten fails
duration: 15m
recover: 10m
interval: 15s
labels: {shop: berlin}
signals:
  - {counter: shop_requests_total, rate: 50}
  - {counter: shop_errors_total, rate: 5, healthy: 0}
expect:
  - {alert: ShopErrors, fires_within: 10m, resolves_within: 10m}
  - {quiet: ShopErrorsCritical}
"""

SCENARIO_CRITICAL = """\
name: shop-errors-critical
title: One request in two fails
duration: 15m
recover: 10m
interval: 15s
labels: {shop: berlin}
signals:
  - {counter: shop_requests_total, rate: 50}
  - {counter: shop_errors_total, rate: 25, healthy: 0}
expect:
  - {alert: ShopErrorsCritical, fires_within: 10m, resolves_within: 10m}
"""

DRILL = """\
name: shop-night
title: The shop fails at night
rubric: {2: A, 1: B, 0: F}
pass: 2
phases:
  - name: Errors
    limit: 15m
    play: shop-errors
    verify:
      - {pushed: shop-errors}
      - {firing: ShopErrors}
      - {notified: chat, within: 2m}
    operator:
      - {opened: shop-errors}
  - name: More errors
    limit: 15m
    play: shop-errors-critical
    verify:
      - {firing: ShopErrorsCritical}
      - {inhibited: ShopErrors, by: ShopErrorsCritical}
"""

DASHBOARD = """\
{
  "title": "Shop",
  "schemaVersion": 39,
  "panels": [
    {
      "title": "Errors",
      "datasource": {"type": "prometheus"},
      "targets": [
        {"expr": "sum by (shop) (rate(shop_errors_total[5m]))", "refId": "A"}
      ]
    }
  ]
}
"""

FILES = {
    "rules/shop.yml": RULES,
    "rules/alertmanager.yml": ALERTMANAGER,
    "runbooks/shop-errors.md": RUNBOOK,
    "runbooks/watchdog.md": WATCHDOG,
    "synthetic/shop-errors.yaml": SCENARIO,
    "synthetic/shop-errors-critical.yaml": SCENARIO_CRITICAL,
    "drills/shop-night.yaml": DRILL,
    "dashboards/shop.json": DASHBOARD,
}


class Team:
    """The files of a team in a folder, and what a check says of them."""

    def __init__(self, folder: Path, files: dict[str, str] | None = None) -> None:
        self.folder = folder
        for name, text in (FILES if files is None else files).items():
            self.write(name, text)

    def write(self, name: str, text: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def change(self, name: str, old: str, new: str) -> None:
        """Replace `old`, which has to be there once."""
        text = (self.folder / name).read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def line(self, name: str, part: str) -> int:
        """Return the line of the one place where `part` stands."""
        text = (self.folder / name).read_text()
        assert text.count(part) == 1, f"{part!r} stands {text.count(part)} times in {name}"
        return text.count("\n", 0, text.index(part)) + 1

    def report(self, settings: Settings | None = None) -> Report:
        return check(read([self.folder], settings or Settings(), now=NOW))

    def found(self, settings: Settings | None = None) -> list[tuple[str, str, int]]:
        """Return rule, file and line of each finding."""
        return [(each.rule, self.name(each), each.line) for each in self.report(settings).findings]

    def name(self, finding: Finding) -> str:
        path = Path(finding.path)
        return path.relative_to(self.folder).as_posix() if path.is_absolute() else finding.path
