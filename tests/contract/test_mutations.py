import shutil
from pathlib import Path

import pytest

from tests.contract.healthy import Team
from tests.contract.mutations import MUTATIONS, Mutation

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Team:
    """A copy of the project's runbooks and scenarios."""
    for name in ("runbooks", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return Team(tmp_path, {})


def mutate(project: Team, mutation: Mutation) -> tuple[str, str, int]:
    """Apply it, and return what must be found."""
    project.change(mutation.file, mutation.old, mutation.new)
    where = mutation.where or mutation.file
    return mutation.rule, where, project.line(where, mutation.at or mutation.new)


def test_nothing_is_found_in_the_project_itself(project: Team) -> None:
    assert project.found() == []


@pytest.mark.parametrize(
    "mutation",
    [each for each in MUTATIONS if each.rule != "scenarios/proof-fails"],
    ids=lambda each: each.name.replace(" ", "-"),
)
def test_one_change_is_one_finding_at_its_line(project: Team, mutation: Mutation) -> None:
    expected = mutate(project, mutation)

    assert project.found() == [expected]
