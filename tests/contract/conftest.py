from pathlib import Path

import pytest

from tests.contract.healthy import Team


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """A team in whose files everything agrees."""
    return Team(tmp_path)
