"""Pushing 10 000 series: making and writing them, beside prometheus-client writing its own metrics."""

import http.client
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from cockpit.lab.servers import find, free_ports, is_ready
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.play.exposition import text
from cockpit.scenarios.signals import series, values_at
from tests.bench.table import Result, interleaved

INTERVAL = 15.0
BUDGET = 25.0
"""The share of one core, in percent, that a push of 10 000 series every 15 s may take."""

COUNT = 10_000


def _scenario(count: int) -> Scenario:
    """Return a scenario of `count` series: two fifths counters, one gauges, two parts of histograms."""
    buckets = [0.05, 0.1, 0.2, 0.5, 1, 2, 5]
    swing = {"sine": {"amplitude": 5, "period": "10m"}, "noise": {"amplitude": 5}}
    spikes = {"height": 100, "every": "5m", "for": "30s"}
    steps = [{"at": 0, "value": 20}, {"at": "5m", "value": 40, "over": "1m"}]
    fifth = count // 5

    def labels(number: int) -> dict[str, str]:
        return {"tenant": f"tenant-{number:05d}", "zone": f"zone-{number % 3}"}

    signals: list[dict[str, object]] = [
        {"counter": "bench_total", "labels": labels(n), "rate": {"steps": steps, "spikes": spikes, **swing}}
        for n in range(2 * fifth)
    ]
    signals += [
        {"gauge": "bench_depth", "labels": labels(n), "value": {"steps": steps, **swing}}
        for n in range(fifth)
    ]
    signals += [
        {
            "histogram": "bench_seconds",
            "labels": labels(n),
            "rate": 20,
            "p50": 0.1,
            "p95": 0.4,
            "buckets": buckets,
        }
        for n in range(2 * fifth // (len(buckets) + 3))
    ]
    return Scenario.model_validate({"name": "bench", "title": "Bench", "duration": "1h", "signals": signals})


def _registry(scenario: Scenario) -> CollectorRegistry:
    """Return the same series as metrics of prometheus-client, at the same values."""
    registry = CollectorRegistry()
    made: dict[str, Counter | Gauge] = {}
    for each in series(values_at(scenario, 900)):
        if each.name not in made:
            kind = Counter if each.name.endswith("_total") else Gauge
            made[each.name] = kind(each.name, "Bench.", list(each.labels), registry=registry)
        metric = made[each.name].labels(**each.labels)
        metric.inc(each.value)
    return registry


@contextmanager
def _gateway() -> Iterator[int]:
    """Run a Pushgateway until the block ends; return its port."""
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="cockpit-bench-") as folder:
        listen = f"127.0.0.1:{port}"
        process = subprocess.Popen(
            [find()["pushgateway"], f"--web.listen-address={listen}"],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            end = time.monotonic() + 30
            while not is_ready(f"http://{listen}"):
                if time.monotonic() > end:
                    raise TimeoutError("the Pushgateway is not ready within 30 s")
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def _put(port: int, body: bytes) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("PUT", "/metrics/job/relay_synth/synthetic/bench", body)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise OSError(f"PUT: {answer.status}")
    finally:
        connection.close()


def _cpu(work: Callable[[], object]) -> float:
    """Return the CPU time of one call in ms."""
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def measure(quick: bool) -> Iterator[Result]:
    """Measure CPU time of this process; the gateway's own is not in it."""
    runs = 3 if quick else 15
    scenario = _scenario(COUNT)
    registry = _registry(scenario)
    scale = f"{sum(1 for _ in series(values_at(scenario, 900)))} series"
    moments = iter(range(900, 3600))

    def pushed() -> bytes:
        return text(values_at(scenario, next(moments)))

    making, writing, reference = interleaved(
        runs,
        lambda: _cpu(lambda: values_at(scenario, next(moments))),
        lambda: _cpu(pushed),
        lambda: _cpu(lambda: generate_latest(registry)),
    )
    against = "generate_latest of prometheus-client"
    yield Result("values of a push", scale, making, "ms", reference, against)
    yield Result("values and text of a push", scale, writing, "ms", reference, against)
    with _gateway() as port:
        (sent,) = interleaved(runs, lambda: _cpu(lambda: _put(port, pushed())))
    yield Result("values, text and PUT", scale, sent, "ms", reference, against)
    share = sent / 1000 / INTERVAL * 100
    yield Result(f"share of a core, every {INTERVAL:g} s", scale, share, "%", budget=BUDGET)
