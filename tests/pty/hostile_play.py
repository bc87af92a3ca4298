"""A lab whose every part is hostile: scenario files, sink, gateway, and the journal and locks of plays."""

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from cockpit.config import LabFile
from cockpit.journal.journal import Journal
from cockpit.scenarios.play import locks, plays
from tests.pty.payloads import ALL, CONTROLS, DRIVEN, MAIN, SHORT
from tests.pty.servers import Pair, Server

NAME = "hostile"
STEM = "evil".join(SHORT.replace("/", "").replace("\0", "").splitlines())


def hostile_scenarios(folder: Path) -> Path:
    """Write scenarios: one that can be played, one that cannot be read, one whose file name is a payload."""
    at = folder / "synthetic"
    at.mkdir(parents=True)
    expect: list[dict[str, Any]] = [
        {"alert": MAIN, "fires_within": "5m", "resolves_within": "5m"},
        {"alert": DRIVEN, "fires_within": "5m", "labels": {"evil": ALL}},
        {"alert": f"Missing{SHORT}", "fires_within": "5m"},
        {"quiet": f"Quiet{SHORT}", "labels": {"evil": SHORT}},
    ]
    signal = {"gauge": "synthetic_signal", "labels": {"evil": SHORT}, "value": 1}
    whole = {
        "name": NAME, "title": f"title {ALL}", "duration": "15m", "recover": "5m", "interval": "15s",
        "signals": [signal], "expect": expect,
    }  # fmt: skip
    (at / f"{NAME}.yaml").write_text(as_yaml(whole))
    (at / "broken.yaml").write_text(as_yaml({**whole, "name": "broken", f"key{SHORT}": ALL}))
    (at / f"{STEM}.yaml").write_text(as_yaml({**whole, "name": SHORT}))
    (folder / "rules").mkdir()
    rules = [{"alert": name, "expr": "vector(1)", "annotations": {"summary": ALL}} for name in (MAIN, DRIVEN)]
    (folder / "rules" / "hostile.yml").write_text(
        as_yaml({"groups": [{"name": f"group{SHORT}", "rules": rules}]})
    )
    return folder


def as_yaml(data: dict[str, Any]) -> str:
    """Return `data` as JSON, which is YAML, every strange character as an escape, as YAML wants it."""
    text = json.dumps(data, ensure_ascii=False)
    return re.sub(r"[^ -~\n]", lambda match: f"\\U{ord(match[0]):08x}", text)


def notifications() -> list[dict[str, Any]]:
    """Return what the sink got: of every kind, all of it hostile."""
    title = f"[FIRING{SHORT}] {SHORT}: {MAIN} (synthetic: {SHORT})"
    slack = {"attachments": [{"title": title, "text": f"{ALL}\nsecond {ALL}"}]}
    webhook = {"status": SHORT, "alerts": [{"status": SHORT, "labels": {"alertname": MAIN, "x": ALL}}]}
    return [
        {"received_at": time.time() - 9 + at, "kind": kind, "receiver": SHORT, "body": body}
        for at, (kind, body) in enumerate((("slack", slack), ("webhook", webhook), (SHORT, webhook)))
    ]


def groups(path: str, params: dict[str, str]) -> tuple[int, Any]:
    """Answer as a Pushgateway that holds groups nobody plays."""
    labels = {"job": "relay_synth", "synthetic": f"left{ALL}", "other": SHORT}
    metric = {
        "type": "GAUGE", "help": SHORT, "time_stamp": "",
        "metrics": [{"labels": labels, "value": str(time.time() - 900)}],
    }  # fmt: skip
    return 200, {"status": "success", "data": [{"labels": labels, "push_time_seconds": metric}]}


@contextmanager
def hostile_lab(state: Path, servers: Pair) -> Iterator[str]:
    """Let `servers` be the lab that runs, with plays that a journal and locks by somebody else tell of.

    Its gateway's URL is yielded.
    """
    with ExitStack() as stack:
        sink = Server(lambda path, params: (200, notifications()))
        stack.callback(sink.stop)
        gateway = Server(groups)
        stack.callback(gateway.stop)
        lab = LabFile(
            prometheus=servers.prometheus.url, alertmanager=servers.alertmanager.url,
            pushgateway=gateway.url, sink=sink.url, speed=1.0, owner_pid=os.getpid(),
            pids={}, versions={SHORT: SHORT}, started_at=time.time(),
        )  # fmt: skip
        (state / "lab").mkdir(parents=True)
        (state / "lab" / "lab.json").write_bytes(msgspec.json.encode(lab))
        _journal(state, gateway.url)
        for play in (_play(NAME, gateway.url), _play(f"play{ALL}", f"http://g.example/{SHORT}")):
            place = locks.path(state / "playing", play.run)
            stack.enter_context(locks.hold(place, msgspec.json.encode(play)))
        yield gateway.url


def _journal(state: Path, gateway: str) -> None:
    journal = Journal(state / "journal.jsonl", now=lambda: time.time() - 400)
    for name in (NAME, "broken", *CONTROLS[:4]):
        for kind in ("scenario.proved", "scenario.played"):
            journal.append(kind, scenario=name, passed=ALL)
    for name, where in ((f"gone{ALL}", f"http://127.0.0.1:9/{SHORT}"), (f"here{ALL}", gateway)):
        play = replace(_play(name, where), context=f"context{SHORT}")
        fields = msgspec.structs.asdict(play)
        journal.append(plays.OPENED, **{k: v for k, v in fields.items() if not k.endswith("_at")})
    with journal.path.open("ab") as file:
        file.write(b'{"at": 1, "kind": "group.opened", "data": {"run": "\x1b[2J\n' + ALL.encode() + b"\n")


def _play(name: str, gateway: str) -> plays.Play:
    play = plays.new_play(
        scenario=name, title=ALL, context="lab", gateway=gateway, interval=15.0, duration=900.0,
        recover=300.0, speed=1.0, now=time.time() - 700,
    )  # fmt: skip
    return replace(play, title=ALL, host=SHORT, started_at=play.opened_at + 30)
