"""One lab for all integration tests of a session."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cockpit import config
from cockpit.config import LabFile
from cockpit.errors import CockpitError
from cockpit.lab import servers
from cockpit.lab.lab import Lab
from cockpit.lab.playing import BASELINE, players

SPEED = 60.0
WARNING = "error-rate-warn"


def get_json(url: str, path: str) -> Any:
    """Return the JSON that a server of the lab answers."""
    body = servers.get(url, path, timeout=5.0)
    assert body is not None, f"no answer from {url}{path}"
    return json.loads(body)


@pytest.fixture(scope="session")
def binaries() -> dict[str, str]:
    """The servers' programs; without them the tests are skipped."""
    try:
        return servers.find()
    except CockpitError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def lab_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of the session's lab."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="session")
def lab(binaries: dict[str, str], lab_state: Path) -> Iterator[LabFile]:
    """A lab at speed 60 with healthy traffic and a scenario that keeps GmailSendErrorRateWarning firing.

    Its state folder is nobody else's, so that no other test takes it for the user's running lab.
    """
    folder = config.shipped("scenarios")
    playing = players([BASELINE, WARNING], speed=SPEED, folder=folder, hold=[WARNING])
    started = Lab(speed=SPEED, players=playing)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COCKPIT_STATE_DIR", str(lab_state))
            file = started.up()
        yield file
    finally:
        started.down()


@pytest.fixture
def lab_context(lab: LabFile) -> config.Context:
    """The context that looks at the session's lab, with the shipped runbooks."""
    return config.resolve(config.Config(contexts={"lab": config.lab_context(lab)}), "lab", config.Overrides())


@pytest.fixture
def own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A state folder of the test's own, where it can have a lab of its own."""
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"
