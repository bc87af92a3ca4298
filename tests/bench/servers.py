"""A real Prometheus, Alertmanager and Pushgateway on loopback, with N alerts made of N pushed series."""

import http.client
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cockpit.lab.servers import find, free_ports, is_ready

NAME = "BenchAlert"
# Values and summaries change with every evaluation, as those of real alerts do.
RULES = """
groups:
- name: bench
  interval: INTERVAL
  rules:
  - alert: BenchAlert
    expr: EXPR
    labels: {severity: warning}
    annotations:
      summary: "{{ $labels.instance }} is at {{ $value }}"
      runbook_url: https://runbooks.example/gmail-send-high-error-rate.md
  - {alert: Watchdog, expr: vector(1), labels: {severity: none}}
"""
CHANGING, CONSTANT = "bench_metric + (time() % 60) / 1000 > 0", "bench_metric > 0"
PROMETHEUS = """
global: {scrape_interval: 15s, scrape_timeout: 15s}
rule_files: [%(rules)s]
alerting: {alertmanagers: [{static_configs: [{targets: ["%(alertmanager)s"]}]}]}
scrape_configs:
- {job_name: push, honor_labels: true, static_configs: [{targets: ["%(pushgateway)s"]}]}
"""
ALERTMANAGER = """
route: {receiver: nobody, group_by: [alertname], repeat_interval: 24h}
receivers: [{name: nobody}]
"""


@dataclass(frozen=True)
class Pair:
    """Where the two servers are, and the alerts they have."""

    prometheus: str
    alertmanager: str
    alerts: int

    @property
    def flags(self) -> tuple[str, ...]:
        """The global flags of `cockpit` that point at them."""
        return "--prometheus", self.prometheus, "--alertmanager", self.alertmanager


def _request(url: str, method: str, path: str, body: bytes | None = None, timeout: float = 120) -> bytes:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            raise OSError(f"{method} {path}: {answer.status}: {data[:200]!r}")
        return data
    finally:
        connection.close()


def _series(count: int) -> bytes:
    lines = ["# TYPE bench_metric gauge\n"]
    lines += [
        f'bench_metric{{instance="node-{i:06d}",service="service-{i % 40:02d}",zone="zone-{i % 3}",'
        f'owner="team-{i % 12:02d}"}} {1 + i % 97}\n'
        for i in range(count)
    ]
    return "".join(lines).encode()


def _waiting(what: str, seconds: float = 300) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.5)
    raise TimeoutError(f"not within {seconds:g} s: {what}")


def _known(url: str) -> int:
    """Return how many alerts the Alertmanager at `url` counts, without fetching them."""
    text = _request(url, "GET", "/metrics").decode()
    found = [line for line in text.splitlines() if line.startswith('alertmanager_alerts{state="active"')]
    return int(float(found[0].rsplit(" ", 1)[1])) if found else 0


@contextmanager
def pair(count: int, expr: str = CHANGING) -> Iterator[Pair]:
    """Run the servers until the block ends; enter it when the Alertmanager has all `count` alerts."""
    programs, ports = find(), free_ports(3)
    urls = [f"127.0.0.1:{port}" for port in ports]
    prometheus, alertmanager, pushgateway = urls
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cockpit-bench-")))
        interval = "30s" if count > 50_000 else "10s"
        (folder / "rules.yml").write_text(RULES.replace("INTERVAL", interval).replace("EXPR", expr))
        (folder / "am.yml").write_text(ALERTMANAGER)
        places = {"rules": folder / "rules.yml", "alertmanager": alertmanager, "pushgateway": pushgateway}
        (folder / "prom.yml").write_text(PROMETHEUS % places)
        flags = {
            "pushgateway": (),
            "alertmanager": ("--config.file=am.yml", "--storage.path=am", "--cluster.listen-address="),
            "prometheus": (
                "--config.file=prom.yml",
                "--storage.tsdb.path=tsdb",
                "--alertmanager.notification-queue-capacity=1000000",
            ),
        }
        for name, listen in (
            ("pushgateway", pushgateway),
            ("alertmanager", alertmanager),
            ("prometheus", prometheus),
        ):
            stack.enter_context(
                _running(folder, programs[name], *flags[name], f"--web.listen-address={listen}")
            )
            for _ in _waiting(f"{name} is ready"):
                if is_ready(f"http://{listen}"):
                    break
            if name == "pushgateway":
                _request(f"http://{listen}", "PUT", "/metrics/job/bench", _series(count))
        started = Pair(f"http://{prometheus}", f"http://{alertmanager}", count)
        for _ in _waiting(f"{count} alerts"):
            if _known(started.alertmanager) > count:
                break
        yield started


@contextmanager
def _running(folder: Path, *command: str) -> Iterator[None]:
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def alerts_of(url: str) -> list[dict[str, Any]]:
    """Return the alerts of the Alertmanager at `url` as its API has them."""
    found: list[dict[str, Any]] = json.loads(_request(url, "GET", "/api/v2/alerts"))
    return found


if __name__ == "__main__":
    # Ending by an exception lets the block below stop the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with pair(int(sys.argv[1])) as shown:
        print(" ".join(shown.flags), flush=True)
        signal.pause()
