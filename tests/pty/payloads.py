"""Text that attacks a terminal, each piece with a marker of its own, and a world full of it."""

from pathlib import Path
from typing import Any

from tests.pty.servers import World

CONTROLS = (
    "\x1b]52;c;UFdORUQwMQ==\x07PWNED01",
    "\x1b]8;;http://evil.example/PWNED02\x1b\\PWNED02\x1b]8;;\x1b\\",
    "\x1b]0;PWNED03\x07",
    "\x1b[2J\x1b[17;17HPWNED04",
    "\x1b[8mPWNED05",
    "\x1bP+q544e\x1b\\PWNED06",
    "\x1b_PWNED07\x1b\\",
    "\x1b^PWNED08\x1b\\",
    "\x9b2JPWNED09",
    "\x9d52;c;UFdORUQxMA==\x9cPWNED10",
    "\x90PWNED11\x9c",
    "\x07\x08PWNED12",
    "\x00PWNED13",
    "\u202ePWNED14\u2066",
    "\u200b\u2060\ufeffPWNED15",
    "\x1bcPWNED16",
    "\x1b[6nPWNED17",
    "\x1b[?1049lPWNED18",
    "\r\x1b[KPWNED19",
    "\U000e0041PWNED20",
    "\x7fPWNED21",
    "\x1b[31;5;17mPWNED22",
    "\x1b%GPWNED23",
    "\x1b",
)
MARKUP = (
    "[/",
    "[/red]",
    "[@click=app.quit]PWNED30[/]",
    "[red]PWNED31[/red]",
    "[link=http://e.example]x[/link]",
)

NEEDLES = tuple(
    text.encode() for text in CONTROLS if len(text) > 1 and not text.startswith(("\r", "\u202e", "\u200b"))
)
"""The payloads as they would be found in raw output if nothing had touched them."""

ALL = "".join(CONTROLS) + " ".join(MARKUP)
SHORT = "".join(CONTROLS[i] for i in (0, 3, 8, 13))
MAIN = f"Main{SHORT}[/"
DRIVEN = f"Driven{SHORT}"


def every(prefix: str) -> dict[str, str]:
    """Return labels or annotations, one payload each, in names and in values."""
    named = {f"{prefix}{at}": text for at, text in enumerate((*CONTROLS, *MARKUP))}
    return named | {f"{prefix}name{text}": text for text in CONTROLS[:4]}


def hostile_world() -> World:
    """Return servers whose every answer carries payloads."""
    main = {
        "labels": {"alertname": MAIN, "severity": "critical", "owner": SHORT, **every("l")},
        "annotations": {
            "summary": f"summary {ALL}",
            "description": f"described {ALL}",
            "runbook_url": "https://runbooks.example/main-hostile.md",
            "dashboard_url": f"https://d.example/{SHORT}",
            "link_url": f"javascript:{SHORT}",
            **every("a"),
        },
        "query": f'up{{x="{ALL}"}} > 0',
        "rule": {"health": "err", "lastError": f"evaluation: {ALL}"},
        "generator": f"http://prom.example/graph?{SHORT}",
    }
    others: list[dict[str, Any]] = [
        {
            "labels": {"alertname": f"Z{at}{text}", "severity": text, "service": text, "owner": text},
            "annotations": {"summary": text, "runbook_url": text},
            "state": "pending" if at % 3 == 0 else "firing",
        }
        for at, text in enumerate((*CONTROLS, *MARKUP))
    ]
    wide = {
        "labels": {
            "alertname": "Wide",
            "severity": "warning",
            "long": "x" * 10_000 + SHORT,
            **{f"label{n}": SHORT for n in range(1000)},
        },
        "annotations": {"summary": "y" * 10_000 + SHORT, "description": ("z" * 200 + SHORT + "\n") * 50},
    }
    driven = {
        "labels": {"alertname": DRIVEN, "severity": "warning", "evil": ALL},
        "annotations": {"summary": SHORT},
        "query": f'sum(rate(errors_total{{x="{SHORT}"}}[5m])) > 0.01',
        "silenced": "5d4c3b2a",
    }
    world = World([main, *others, wide, driven])
    world.by = ALL
    world.series = [{"code": text, f"name{text}": text} for text in (*CONTROLS, *MARKUP)]
    world.receiver = f"receiver{SHORT}"
    world.warnings = [f"warning {ALL}"]
    world.refusal = f"refused because {ALL}"
    return world


RUNBOOK = """---
alerts: ["Other%(short)s"]
owner: "owner %(yaml)s"
contacts: {slack: "#ops %(yaml)s"}
---
# Title %(all)s

Paragraph %(all)s with `code %(all)s` and **bold %(all)s** and [a link%(short)s](https://x.example/%(short)s)
and [another](javascript:%(short)s) and ![picture%(short)s](http://p.example/%(short)s)
<b onclick="%(short)s">html</b>.

> [!WARNING]
> Quoted %(all)s

| Head %(short)s | Two |
|---|---|
| %(short)s | [/ %(short)s |

- item %(all)s
- [ ] task %(short)s

## Section %(short)s

```promql {"title": "Works %(json)s", "unit": "%(json)s"}
sum by (code) (rate(errors_total{x="%(promql)s"}[5m]))
```

```promql {"title": "Refused %(json)s"}
refuse{x="1"}
```

```promql {"title": "Unfilled %(json)s"}
up{x="$nothing"}
```

```bash {"title": "Command %(json)s", "risk": "high"}
echo '%(all)s'
```

```
plain %(all)s
```
"""


def hostile_runbooks(folder: Path) -> Path:
    """Write a runbook of payloads, and some whose file names are payloads; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    escaped = SHORT.encode("ascii", "backslashreplace").decode().replace("\\x", "\\u00")
    text = RUNBOOK % {
        "all": ALL.replace("\r", "").replace("|", ""),
        "short": SHORT.replace("\r", ""),
        "yaml": escaped,
        "json": escaped,
        "promql": "PWNED40",
    }
    (folder / "main-hostile.md").write_bytes(text.encode() + b"\n\nBroken \xff\xfe\x9b2J\xc3( PWNED41\n")
    for at, payload in enumerate(CONTROLS):
        name = payload.replace("\0", "").replace("/", "")
        (folder / f"name{at}{name}.md").write_text(f"# Named {payload}\n")
    (folder / "broken.md").write_text(f"---\nalerts: {{{ALL.replace(chr(0), '')}\n---\n# Broken\n")
    with_bytes = bytes(folder) + b"/bytes\xff\x9b\xc0PWNED42.md"
    Path(with_bytes.decode("utf-8", "surrogateescape")).write_text("# Bytes\n")
    return folder
