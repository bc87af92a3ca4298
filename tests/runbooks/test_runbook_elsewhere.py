"""What people with their own runbooks rely on: a hundred in other houses' styles open and are useful."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cockpit.runbooks.blocks import blocks
from cockpit.runbooks.library import Library
from cockpit.runbooks.model import SectionKind

SUBJECTS = ("Disk", "Memory", "Queue", "Pod", "Node", "Etcd", "Cert", "Replica", "Gateway", "Очередь")


def _operator(name: str) -> str:
    return f"""---
title: {name} Full
weight: 20
---

# {name}Full

## Meaning

It is full. <details>
<summary>Full context</summary>

More.

</details>

## Impact

Writes fail.

## Diagnosis

`{name.lower() if name.isascii() else "queue"}_used_bytes == 0` query can be used to check the trend.

```shell
$ kubectl get nodes -l role=master
NAME   STATUS
m-1    Ready
```

## Mitigation

Make room.
"""


def _openshift(name: str) -> str:
    return f"""# {name}Full

## Meaning
This [alert][1] fires at 97 %.

## Diagnosis

### Using the CLI

```console
sum by (instance) (rate(container_cpu_usage_seconds_total{{namespace="$namespace"}}[5m]))
```

1. Look at it:

   ```console
   $ NAMESPACE='<namespace label from alert>'

   $ oc -n $NAMESPACE describe pvc | \\
       grep Used
   Used By: x
   ```

## Mitigation
- nothing
  * deeper
    + deepest

[1]: https://example.com/{name.encode().hex()}
"""


def _gitlab(name: str) -> str:
    return f"""# {name}

**Table of Contents**

[TOC]

## Overview
- It means trouble

## Troubleshooting
- In Prometheus, run this query: [`rate(http_failures_total[10m])`](https://dash.example/explore?x=%7B%22)
- You can restart it with `sudo gitlab-ctl restart nginx`.

```
me@db-01.example.internal:~$ sudo netstat -tp | grep 42
tcp 0 229
```

## Possible Resolutions
- none

# Escalation
- `#channel`
"""


def _wiki(name: str) -> str:
    return f"""{name} is slow
=============

Symptoms
--------

| What | Where |
|:-----|------:|
| slow | `histogram_quantile(0.9, sum by (le) (rate(req_seconds_bucket[5m])))` |

Step 2: Diagnosis
-----------------

    $ journalctl -u {name.lower()} --since -1h
    Nov 1 x

Resolution
----------
Call **them**.
"""


def _hugo_toml(name: str) -> str:
    return f"""+++
title = "{name}"
alerts = ["{name}Toml"]
draft = false
+++
{{{{< hint info >}}}}
Mind it.
{{{{< /hint >}}}}

## What to check
```text
max_over_time(queue_length{{queue="{name}"}}[1h]) > 5
```
Then `helm rollback relay 3`.
"""


def _jekyll(name: str) -> str:
    return f"""---
layout: page
title: "{name}: on call"
permalink: /x/
tags: [a, b]
---
* toc
{{:toc}}

## Checks {{#checks}}
```
node_filesystem_avail_bytes
```
```bash
# free some room
sudo journalctl --vacuum-time=1d
```
"""


def _docusaurus(name: str) -> str:
    return f"""---
id: x
sidebar_position: 3
---

import Tabs from '@theme/Tabs';

# {name}

:::warning Be quick
It *hurts*.
:::

## Investigate
```bash title="Pods" showLineNumbers
kubectl get pods -o wide
```
```promql title="Up"
up{{job="{name}"}}
```
"""


def _confluence(name: str) -> str:
    return f"""<!-- exported -->
# <a name="top"></a>{name}
\tTabbed\ttext\u00a0here

|   |   |
|---|---|
| **Owner** | me |

1.  Check `systemctl status relay` &amp; friends
2.  Query:

        sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))

![](attachments/1.png)
"""


def _windows(name: str) -> str:
    return "\ufeff" + _operator(name).replace("\n", "\r\n")


def _plain(name: str) -> str:
    return f"""Runbook {name} 実行手順書

Проверьте `kubectl -n relay logs deploy/relay` и `rate(ошибки[5m])` и `rate(errors_total[5m])`.

- [ ] да
- [x] нет
"""


STYLES: tuple[Callable[[str], str], ...] = (
    _operator,
    _openshift,
    _gitlab,
    _wiki,
    _hugo_toml,
    _jekyll,
    _docusaurus,
    _confluence,
    _windows,
    _plain,
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    root = tmp_path_factory.mktemp("elsewhere")
    for style in STYLES:
        folder = root / style.__name__.strip("_")
        folder.mkdir()
        for name in SUBJECTS:
            (folder / f"{name}.md").write_bytes(style(name).encode())
    return Library.read([root])


def test_a_hundred_open_without_a_problem(library: Library) -> None:
    assert len(library.all()) == 100
    assert library.problems == ()


def test_each_has_its_queries_commands_and_blocks(library: Library) -> None:
    for runbook in library.all():
        assert len(runbook.queries) == 1, runbook.path
        assert runbook.commands, runbook.path
        assert len(blocks(runbook)) > 2, runbook.path
        for command in runbook.commands:
            assert not command.code.startswith(("$", "me@")), runbook.path


@pytest.mark.parametrize("style", ["operator", "openshift", "gitlab", "wiki", "windows", "hugo_toml"])
def test_where_to_begin_is_known(library: Library, style: str) -> None:
    runbook = library.get(f"{style}/Disk.md")
    assert runbook is not None
    assert SectionKind.TRIAGE in {s.kind for s in runbook.sections}
    assert runbook.queries[0].section is not None


def test_front_matter_alerts_of_another_tool_lead_there(library: Library) -> None:
    ref = library.resolve({"alertname": "DiskToml"}, {})
    assert ref is not None
    assert ref.path == "hugo_toml/Disk.md"


def test_the_shipped_runbooks_open(library: Library) -> None:
    shipped = Library.read([Path(__file__).parents[2] / "runbooks"])
    assert shipped.problems == ()
    for runbook in shipped.all():
        assert blocks(runbook)
