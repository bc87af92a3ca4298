"""Single changes to the project that a proof may notice as well: still one finding, with promtool asked."""

import shutil
from pathlib import Path

import pytest

from cockpit.contract.check import check
from cockpit.contract.proofs import prove
from cockpit.contract.read import read
from cockpit.contract.settings import Settings
from tests.contract.healthy import Team
from tests.contract.mutations import MUTATIONS, Mutation

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.servers


@pytest.mark.parametrize(
    "mutation",
    [each for each in MUTATIONS if each.file.startswith(("scenarios/rules/", "scenarios/synthetic/"))],
    ids=lambda each: each.name.replace(" ", "-"),
)
async def test_one_change_is_one_finding_whatever_the_proofs_say(mutation: Mutation, tmp_path: Path) -> None:
    for name in ("runbooks", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name)
    project = Team(tmp_path, {})
    project.change(mutation.file, mutation.old, mutation.new)
    where = mutation.where or mutation.file

    repository = read([tmp_path], Settings())
    repository.proofs, _ = await prove(repository)

    assert [(each.rule, project.name(each), each.line) for each in check(repository).findings] == [
        (mutation.rule, where, project.line(where, mutation.at or mutation.new))
    ]
