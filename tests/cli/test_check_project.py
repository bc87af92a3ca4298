"""The project's own files, checked as its users check theirs."""

import pytest

from tests.cli.conftest import PROJECT, Run


def test_the_readme_shows_the_coverage_that_the_command_prints(run: Run) -> None:
    ran = run("check", str(PROJECT), "--coverage", "--no-proofs")

    table = ran.out.partition("\n\n")[0]
    assert ran.code == 0, ran.out
    assert len(table.splitlines()) > 15
    assert f"```\n{table}\n```\n" in (PROJECT / "README.md").read_text()


@pytest.mark.servers
def test_the_project_holds_with_the_proofs(run: Run) -> None:
    ran = run("check", str(PROJECT))

    assert (ran.code, ran.out.partition(":")[0], ran.err) == (0, "no findings", "")
    assert "not checked" not in ran.out
