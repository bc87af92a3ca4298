"""A check of a large team's files, beside `promtool check rules` on the same rule files."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.table import Result, interleaved
from tests.bench.terminal import COCKPIT, environment

_GROUPS, _RULES, _RUNBOOKS = 100, 15, 400

_RECORD = """\
      - record: team{team}:http_errors:ratio_rate5m_{n}
        expr: |
          sum by (job, service) (rate(http_requests_total{{code=~"5..", team="{team}"}}[5m]))
            / sum by (job, service) (rate(http_requests_total{{team="{team}"}}[5m]))
"""
_ALERT = """\
      - alert: Service{n}Failing
        expr: |
          team{team}:http_errors:ratio_rate5m_{group} > 0.0{digit}
            and on (job) sum by (job) (rate(http_requests_total{{service="s{n}"}}[5m])) > 1
        for: 10m
        labels: {{severity: {severity}, team: team{team}, service: s{n}}}
        annotations:
          summary: Service {n} fails
          description: >-
            {{{{ $value | humanizePercentage }}}} of the requests to {{{{ $labels.job }}}} fail.
          runbook_url: https://runbooks.example/service-{book}.md#triage
"""
_RUNBOOK = """\
---
alerts: [Service{n}Failing]
owner: team{team}
reviewed: 2026-11-01
---
# Service {n} fails

## Meaning

Requests fail. See [the service before it](service-{before}.md#mitigation).

| Code | Who caused it |
|---|---|
| `502` | a pod that is gone |
| `504` | the database |

## Triage

1. **Which job?** Query 1.
2. **Since when?** Query 2; look at [the impact](#impact) then.

```promql {{"title": "Errors by job", "unit": "ratio", "warn": 0.01}}
sum by (job) (rate(http_requests_total{{code=~"5..", service="s{n}"}}[5m]))
  / sum by (job) (rate(http_requests_total{{service="s{n}"}}[5m]))
```

```promql
max_over_time(team{team}:http_errors:ratio_rate5m_{group}[6h])
```

## Mitigation

```bash
kubectl -n team{team} rollout restart deployment/service-{n}
kubectl -n team{team} get pods -l app=service-{n} | grep -v Running
```

{filling}

## Impact

Nobody can buy from shop {n}.

## Escalation

After 15 minutes call team {team}.

## Post-Incident

Write what happened.
"""


def _write(folder: Path) -> None:
    (folder / "rules").mkdir()
    (folder / "runbooks").mkdir()
    for group in range(_GROUPS):
        team = group % 9
        lines = ["groups:\n", f"  - name: group{group}\n    rules:\n", _RECORD.format(team=team, n=group)]
        for rule in range(_RULES):
            n = group * _RULES + rule
            severity = ("critical", "warning")[n % 2]
            lines.append(
                _ALERT.format(
                    n=n, team=team, group=group, digit=1 + n % 9, severity=severity, book=n % _RUNBOOKS
                )
            )
        (folder / f"rules/group{group}.yml").write_text("".join(lines))
    filling = "\n".join(f"- Step {i}: look at the log of pod `{i}`, then at the next one." for i in range(40))
    for n in range(_RUNBOOKS):
        group, before = n // _RULES, max(0, n - 1)
        text = _RUNBOOK.format(n=n, team=group % 9, group=group, before=before, filling=filling)
        (folder / f"runbooks/service-{n}.md").write_text(text)


def _seconds(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Return how long `command` takes, in seconds, and its peak memory in MiB."""
    null, env = subprocess.DEVNULL, environment(str(folder / "state"))
    began = time.perf_counter()
    with subprocess.Popen(command, cwd=folder, env=env, stdout=null, stderr=null) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - began, used.ru_maxrss / 1024


def measure(quick: bool) -> Iterator[Result]:
    """Measure a whole process each, from start to exit."""
    promtool = shutil.which("promtool")
    assert promtool, "promtool is not installed"
    with tempfile.TemporaryDirectory(prefix="cockpit-bench-") as name:
        folder = Path(name)
        _write(folder)
        rules = sorted(str(path) for path in (folder / "rules").iterdir())
        check = (*COCKPIT, "check", "-o", "json", name)
        peak: list[float] = []

        def cockpit() -> float:
            seconds, memory = _seconds(check, folder)
            peak.append(memory)
            return seconds

        ours, theirs = interleaved(
            2 if quick else 5, cockpit, lambda: _seconds([promtool, "check", "rules", *rules], folder)[0]
        )
        scale = f"{_GROUPS * _RULES} alerts, {_RUNBOOKS} runbooks"
        against = "promtool check rules"
        yield Result("check", scale, ours, "s", theirs, against, 3.0)
        memory = _seconds([promtool, "check", "rules", *rules], folder)[1]
        yield Result("check, peak memory", scale, max(peak), "MiB", memory, against, 200.0)
