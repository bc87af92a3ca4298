"""Two Prometheus replicas and two clustered Alertmanagers on loopback, with one alert of each state."""

import json
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.waiting import wait_until

RULES = """
groups:
- name: board
  interval: 1s
  rules:
  - {alert: Watchdog, expr: vector(1), labels: {severity: none}}
  - {alert: Waiting, expr: vector(2), for: 1h, labels: {severity: warning}}
  - {alert: Burning, expr: vector(3), labels: {severity: critical, service: mail}}
  - {alert: Quiet, expr: vector(4), labels: {severity: critical, service: disk}}
  - {alert: Covered, expr: vector(5), labels: {severity: warning, service: mail}}
  - {alert: Untold, expr: vector(6), labels: {severity: critical, service: pay}, annotations: {summary: "x"}}
"""
PROMETHEUS = """
global:
  evaluation_interval: 1s
  external_labels: {cluster: test, replica: "%(replica)s"}
rule_files: ["%(rules)s"]
alerting:
  alert_relabel_configs:
  - {source_labels: [alertname], regex: Untold, action: drop}
  alertmanagers:
  - static_configs: [{targets: [%(peers)s]}]
"""
ALERTMANAGER = """
route: {receiver: nobody, group_wait: 1s, group_by: [alertname]}
receivers: [{name: nobody}]
inhibit_rules:
- source_matchers: [severity="critical"]
  target_matchers: [severity="warning"]
  equal: [service]
"""


@dataclass(frozen=True)
class Pair:
    """The URLs of both Prometheus replicas and both Alertmanagers, and a config file that has them all."""

    prometheus: tuple[str, str]
    alertmanager: tuple[str, str]
    config: Path


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.loads(answer.read() or b"null")


def answers(url: str) -> bool:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return bool(answer.status == 200)


@contextmanager
def running(folder: Path, *command: str) -> Iterator[None]:
    """Run a server until the block ends, its output in `folder`/log."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _alertmanagers(folder: Path, stack: ExitStack) -> tuple[str, str]:
    ports, gossip = (free_port(), free_port()), (free_port(), free_port())
    for name, port, cluster in zip("ab", ports, gossip, strict=True):
        home = folder / f"am-{name}"
        home.mkdir()
        (home / "am.yml").write_text(ALERTMANAGER)
        joining = [f"--cluster.peer=127.0.0.1:{other}" for other in gossip if other != cluster]
        stack.enter_context(
            running(
                home,
                "prometheus-alertmanager",
                "--config.file=am.yml",
                "--storage.path=data",
                f"--web.listen-address=127.0.0.1:{port}",
                f"--cluster.listen-address=127.0.0.1:{cluster}",
                "--cluster.settle-timeout=1s",
                *joining,
            )
        )
    return f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}"


def _prometheus(folder: Path, replica: str, peers: tuple[str, str], stack: ExitStack) -> str:
    home, port = folder / f"prom-{replica}", free_port()
    home.mkdir()
    rules = home / "rules.yml"
    rules.write_text(RULES)
    targets = ", ".join(f'"{url.removeprefix("http://")}"' for url in peers)
    (home / "prom.yml").write_text(PROMETHEUS % {"replica": replica, "rules": rules, "peers": targets})
    stack.enter_context(
        running(
            home,
            "prometheus",
            "--config.file=prom.yml",
            "--storage.tsdb.path=data",
            # What is sent before the Alertmanagers are discovered is lost until it is sent again.
            "--rules.alert.resend-delay=1s",
            f"--web.listen-address=127.0.0.1:{port}",
        )
    )
    return f"http://127.0.0.1:{port}"


@contextmanager
def pair(folder: Path) -> Iterator[Pair]:
    """Run the four servers, silence `Quiet` with amtool, and wait until each alert is in its state."""
    with ExitStack() as stack:
        peers = _alertmanagers(folder, stack)
        for url in peers:
            wait_until(lambda url=url: answers(f"{url}/-/ready"), f"{url} is ready")  # type: ignore[misc]
        first = _prometheus(folder, "a", peers, stack)
        second = _prometheus(folder, "b", peers, stack)
        silence = ["amtool", f"--alertmanager.url={peers[0]}", "silence", "add", "alertname=Quiet"]
        subprocess.run(
            [*silence, "--comment=test", "--author=test", "--duration=1h"], check=True, capture_output=True
        )
        wait_until(lambda: all(map(_settled, peers)), "each alert is in its state at both peers", within=60)
        config = folder / "config.toml"
        config.write_text(
            "[contexts.test]\n"
            f"prometheus = {json.dumps([first, second])}\n"
            f"alertmanager = {json.dumps(peers)}\n"
            'ignore_labels = ["replica"]\nundelivered_after = "2s"\n'
        )
        yield Pair((first, second), peers, config)


def _settled(peer: str) -> bool:
    alerts = get(f"{peer}/api/v2/alerts")
    found = {(alert["labels"]["alertname"], alert["labels"]["replica"]) for alert in alerts}
    quiet = [bool(a["status"]["silencedBy"]) for a in alerts if a["labels"]["alertname"] == "Quiet"]
    covered = [bool(a["status"]["inhibitedBy"]) for a in alerts if a["labels"]["alertname"] == "Covered"]
    names = ("Watchdog", "Burning", "Quiet", "Covered")
    return {(n, r) for n in names for r in "ab"} <= found and all(quiet) and all(covered)
