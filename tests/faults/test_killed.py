"""A real Prometheus killed under a running screen, and started again on its port."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cockpit.config import Context, Ui, shipped
from cockpit.session import Session
from cockpit.tui.app import Cockpit
from cockpit.tui.widgets.alert_list import AlertList
from tests.faults.test_faults import SLACK, Shown
from tests.integration.pair import ALERTMANAGER, answers, free_port, running
from tests.waiting import wait_until

pytestmark = pytest.mark.servers

POLL = 1.0
RULES = """
groups:
- name: all
  interval: 1s
  rules:
  - {alert: Watchdog, expr: vector(1), labels: {severity: none}}
  - {alert: Burning, expr: vector(3), labels: {severity: critical}}
"""


class Prometheus:
    """A Prometheus that can be killed and started again with its data."""

    def __init__(self, folder: Path, alertmanager: str) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{free_port()}"
        (folder / "rules.yml").write_text(RULES)
        (folder / "prom.yml").write_text(
            "global: {evaluation_interval: 1s}\nrule_files: [rules.yml]\nalerting:\n  alertmanagers:\n"
            f"  - static_configs: [{{targets: ['{alertmanager.removeprefix('http://')}']}}]\n"
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    "prometheus",
                    "--config.file=prom.yml",
                    "--storage.tsdb.path=data",
                    "--rules.alert.resend-delay=1s",
                    f"--web.listen-address={self.url.removeprefix('http://')}",
                ],
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: answers(f"{self.url}/-/ready"), "Prometheus is ready")

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Prometheus, str]]:
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "state"))
    with ExitStack() as stack:
        home = tmp_path / "am"
        home.mkdir()
        (home / "am.yml").write_text(ALERTMANAGER)
        url = f"http://127.0.0.1:{free_port()}"
        stack.enter_context(
            running(
                home,
                "prometheus-alertmanager",
                "--config.file=am.yml",
                "--storage.path=data",
                f"--web.listen-address={url.removeprefix('http://')}",
                "--cluster.listen-address=",
            )
        )
        wait_until(lambda: answers(f"{url}/-/ready"), "Alertmanager is ready")
        folder = tmp_path / "prom"
        folder.mkdir()
        prometheus = Prometheus(folder, url)
        stack.callback(prometheus.kill)
        prometheus.start()
        yield prometheus, url


async def test_its_alerts_stay_dimmed_and_dated_and_are_fresh_when_it_is_back(
    servers: tuple[Prometheus, str],
) -> None:
    prometheus, alertmanager = servers
    context = Context(
        name="test",
        prometheus=(prometheus.url,),
        alertmanager=(alertmanager,),
        runbooks=(shipped("runbooks"),),
        poll_interval=POLL,
    )
    async with Session.open(context) as session:
        app = Cockpit(session, Ui(ascii=False))
        async with app.run_test(size=(160, 40)) as pilot:
            shown = Shown(app, pilot)

            def row() -> str:
                return next((line for line in shown.text.splitlines() if "Burning" in line), "")

            def dimmed() -> bool:
                burning = app.screen.query_one(AlertList)
                return {s.kind for s in burning.line(0) if "Burning" in s.text} == {"dim"}

            def fresh() -> bool:
                return "Burning" in row() and "● prometheus" in shown.text and not dimmed()

            await shown.until(lambda: fresh() and "Not an all-clear" not in shown.text)
            prometheus.kill()
            killed = time.monotonic()
            await shown.until(lambda: "Burning" in row() and dimmed() and " ago" in row(), 2 * POLL + SLACK)
            await shown.until(lambda: "Not an all-clear: prometheus has not answered for" in shown.text)
            # The reason at first may be that the connection broke; then nobody listens.
            await shown.until(lambda: "refused" in shown.text)
            await shown.answers_keys()
            # The wait must not have grown meanwhile: doubled thrice, it would end at 15 polls.
            await shown.until(lambda: time.monotonic() - killed > 8 * POLL)
            assert dimmed()
            prometheus.start()
            # It finds its Alertmanager some seconds later: that the pipeline is in doubt is true till then.
            await shown.until(fresh, 2 * POLL + SLACK)
            await shown.until(lambda: fresh() and "Not an all-clear" not in shown.text)
    assert app.failure is None
