"""What a reader relies on: sections, queries, commands and links are found, where they stand."""

from pathlib import Path

import pytest

from cockpit.runbooks.model import Runbook, SectionKind
from cockpit.runbooks.parse import parse
from cockpit.runbooks.sections import section_kind

FOLDER = Path("/runbooks")

ANNOTATED = """---
alerts: [SendErrors, SendErrorsCritical]
owner: relay-oncall
contacts: {slack: "#ops", pagerduty: relay}
reviewed: 2026-11-01
---
# Send: high error rate

## What It Means
Text with [a link](other.md#top).

## Immediate Triage
Which code dominates?

```promql {"title": "Errors by code", "unit": "ratio", "warn": 0.01, "crit": "0.05", "range": "1h"}
sum by (code) (rate(action_error_total{provider="$provider"}[5m]))
```

```promql { title="Sends", unit=per_second interactive=false }
sum(rate(action_exec_total[5m]))
```

```
rate(not_a_query_here_because_others_are_marked[5m])
```

## Immediate Mitigations
```bash {"title": "Pause the provider", "risk": "high"}
export PROVIDER_GOOGLE_ENABLED=false
```
"""


def book(text: str) -> Runbook:
    return parse(text, path="some-book.md", folder=FOLDER)


def test_an_annotated_runbook_gives_all_it_says() -> None:
    runbook = book(ANNOTATED)
    assert runbook.title == "Send: high error rate"
    assert runbook.alerts == ("SendErrors", "SendErrorsCritical")
    assert (runbook.owner, runbook.reviewed) == ("relay-oncall", "2026-11-01")
    assert runbook.contacts == {"slack": "#ops", "pagerduty": "relay"}
    first, second = runbook.queries
    assert (first.title, first.unit, first.warn, first.crit, first.range_seconds) == (
        "Errors by code",
        "ratio",
        0.01,
        0.05,
        3600,
    )
    assert (second.title, second.unit, second.range_seconds) == ("Sends", "per_second", None)
    assert first.section == "immediate-triage"
    (command,) = runbook.commands
    assert (command.title, command.risk, command.code) == (
        "Pause the provider",
        "high",
        "export PROVIDER_GOOGLE_ENABLED=false",
    )
    assert [(link.text, link.url) for link in runbook.links] == [("a link", "other.md#top")]


def test_lines_are_those_of_the_file() -> None:
    runbook = book(ANNOTATED)
    lines = runbook.text.split("\n")
    assert lines[runbook.queries[0].line].startswith("```promql")
    assert lines[runbook.commands[0].line].startswith("```bash")
    assert all(lines[s.start].endswith(s.title) for s in runbook.sections)
    triage = next(s for s in runbook.sections if s.kind is SectionKind.TRIAGE)
    assert lines[triage.end] == "## Immediate Mitigations"


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Meaning", SectionKind.MEANING),
        ("Symptoms", SectionKind.MEANING),
        ("🚨 Step 2: Diagnosis", SectionKind.TRIAGE),
        ("3. Possible checks", SectionKind.TRIAGE),
        ("Diagnosis and mitigation", SectionKind.TRIAGE),
        ("TROUBLESHOOTING", SectionKind.TRIAGE),
        ("Resolution:", SectionKind.MITIGATION),
        ("Possible Resolutions", SectionKind.MITIGATION),
        ("Immediate Mitigations", SectionKind.MITIGATION),
        ("Customer impact", SectionKind.IMPACT),
        ("Rollout Controller Impact", SectionKind.IMPACT),
        ("Escalation path", SectionKind.ESCALATION),
        ("Post-Incident", SectionKind.POST_INCIDENT),
        ("Post-mortem & follow-up", SectionKind.POST_INCIDENT),
        ("Architecture", None),
        ("A long title that mentions the impact of many things", None),
        ("", None),
    ],
)
def test_sections_go_by_their_well_known_twins(title: str, kind: SectionKind | None) -> None:
    assert section_kind(title) is kind


def test_anchors_are_those_of_a_code_host() -> None:
    text = "# Same\n## Same\n## Same\n## What's *this*, `x_y`?\n## Own {#my-id}\n## Ünïcode Ж\n##\n"
    assert [s.anchor for s in book(text).sections] == [
        "same",
        "same-1",
        "same-2",
        "whats-this-x_y",
        "my-id",
        "ünïcode-ж",
        "section-1",
    ]


def queries(text: str) -> list[str]:
    return [q.expr for q in book(text).queries]


def commands(text: str) -> list[str]:
    return [c.code for c in book(text).commands]


@pytest.mark.parametrize(
    "text",
    [
        '```\nrate(http_requests_total{job="$job"}[5m])\n```',
        "```text\nhttp_requests_total\n```",
        "```prometheus\nsum(up)\n```",
        "Look:\n\n    sum by (job) (up == 0)\n",
        "```console\nhistogram_quantile(0.99, sum by (le) (rate(x_bucket[5m])))\n```",
        "The query `up == 0` shows it.",
        "- `net_conntrack_dialer_conn_failed_total`",
        "See `job:errors:ratio_5m` now.",
        '```\ntopk($n, rate(x_total{a="<instance>"}[$__rate_interval]))\n```',
        "```\nnode_memory_MemFree_bytes / node_memory_MemTotal_bytes\n```",
    ],
)
def test_unmarked_promql_is_found(text: str) -> None:
    assert len(queries(text)) == 1
    assert commands(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Use `kubectl`, `true`, `kube-state-metrics`, `k8s-0`, `openshift-monitoring/k8s`, `a and b`.",
        "`struct{}` and `{{ $labels.instance }}` and `alert_name` and `$x` and `1` and `1 + 1` and `time()`.",
        "```\nnot found\n```\n```json\n{}\n```\n```yaml\na: b\n```\n```python\nsum(x)\n```",
        "```\nopenshift-monitoring\n```",
        '```\n{app="x"} |= "error"\n```',
        "```\n" + "(" * 5000 + "up" + ")" * 5000 + "\n```",
    ],
    ids=["words", "templates", "other languages", "a name", "LogQL", "too deep"],
)
def test_a_word_that_merely_parses_is_no_query(text: str) -> None:
    assert queries(text) == []


def test_several_queries_in_a_block_are_told_apart() -> None:
    text = "# B\n```promql\n# Errors\nsum(rate(a_total[5m]))\n\n# Sends\nsum(rate(b_total[5m]))\n```\n"
    first, second = book(text).queries
    assert (first.title, first.line) == ("Errors", 2)
    assert (second.title, second.line) == ("Sends", 5)


def test_a_broken_promql_fence_is_still_a_query() -> None:
    assert queries("```promql\nsum(rate(a_total[5m])\n```") == ["sum(rate(a_total[5m])"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "```bash\nkubectl get pods\nkubectl describe pod $POD\n```",
            "kubectl get pods\nkubectl describe pod $POD",
        ),
        ("```console\n$ df -h\nFilesystem  Size\n/dev/sda1   50G\n$ ls\n```", "df -h\nls"),
        ("```console\n# systemctl restart nginx\nok\n```", "systemctl restart nginx"),
        ("```console\n# restart it\nsystemctl restart nginx\n```", "# restart it\nsystemctl restart nginx"),
        ("```bash\n# comment\necho hi\n```", "# comment\necho hi"),
        ("```shell\n$ oc logs x | \\\n  grep y\nsome output\n```", "oc logs x | \\\n  grep y"),
        ("```sh\n$ cat <<EOF\n$ not a prompt\nEOF\nout\n```", "cat <<EOF\n$ not a prompt\nEOF"),
        ("```\nalice@db-1.example:~$ sudo ss -tp | grep 42\n\ntcp 0 229\n```", "sudo ss -tp | grep 42"),
        ("```\n[root@db-1 ~]# free -m\nMem: 1\n```", "free -m"),
        ("```\n$sudo lsblk\nNAME MAJ:MIN\n```", "sudo lsblk"),
        ("```\nsudo apt-get autoremove\n```", "sudo apt-get autoremove"),
        ("Text\n\n    $ journalctl -u nginx\n    output\n", "journalctl -u nginx"),
        ("Run `sudo service influxdb restart`.", "sudo service influxdb restart"),
        ("Run `$ ./fix.sh {{ .Values.x }}`.", "./fix.sh {{ .Values.x }}"),
        ("`KUBECONFIG=a kubectl -n <namespace> get pods`", "KUBECONFIG=a kubectl -n <namespace> get pods"),
        ("```bash {name=x interactive=false}\necho ${A:-$B} $(date)\n```", "echo ${A:-$B} $(date)"),
    ],
)
def test_commands_are_found_without_prompts_and_output(text: str, code: str) -> None:
    assert commands(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "Use `kubectl` or `docker`.",
        "```json\n{}\n```",
        "```\nsome log line\n```",
        "`find: no such file`",
        "```bash\n```",
    ],
)
def test_what_is_no_command_is_none(text: str) -> None:
    assert commands(text) == []


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("## Disk\n```\nsum(disk_used_bytes)\n```", "Disk"),
        ("## Disk\nHow it grew. Over the last day:\n```\nsum(disk_used_bytes)\n```", "Over the last day"),
        ('## Disk\nText:\n```promql {"title": "Used"}\nsum(disk_used_bytes)\n```', "Used"),
        ("```\nsum(disk_used_bytes)\n```", "Query"),
    ],
)
def test_a_query_is_called_what_stands_nearest(text: str, title: str) -> None:
    assert book(text).queries[0].title == title


@pytest.mark.parametrize(
    "info",
    [
        '{"warn": "NaN", "crit": true, "range": "soon"}',
        '{"warn": [',
        "{warn=high range=-5m}",
        '{"range": 1e999}',
        "[1]",
    ],
)
def test_attributes_that_make_no_sense_are_left_out(info: str) -> None:
    (query,) = book(f"```promql {info}\nup\n```").queries
    assert (query.warn, query.crit, query.range_seconds) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# One\n# Two", "One"),
        ("---\ntitle: Front\n---\n## Sub", "Front"),
        ("## Sub", "Sub"),
        ("no heading", "some-book"),
        ("Setext\n======\n", "Setext"),
    ],
)
def test_a_runbook_has_a_title(text: str, title: str) -> None:
    assert book(text).title == title


def test_toml_front_matter_and_windows_line_ends() -> None:
    runbook = book(
        '\ufeff+++\r\nalerts = ["A"]\r\nowner = "x"\r\n+++\r\n# T\r\n```console\r\n$ df -h\r\nout\r\n```\r\n'
    )
    assert (runbook.alerts, runbook.owner, runbook.title) == (("A",), "x", "T")
    assert [c.code for c in runbook.commands] == ["df -h"]
