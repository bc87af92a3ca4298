"""The rest of the shipped drills, so that another process of the tests runs them at the same time."""

import pytest

from tests.integration.exercises import SHIPPED, Ran, require_passed, run_unattended

pytestmark = pytest.mark.servers
DRILLS = SHIPPED[4:]


@pytest.fixture(scope="module")
def unattended(binaries: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """Each of them, run with nobody there."""
    return run_unattended(DRILLS, tmp_path_factory)


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_passes_with_nobody_there_and_leaves_nothing(unattended: dict[str, Ran], name: str) -> None:
    require_passed(unattended[name], name)
