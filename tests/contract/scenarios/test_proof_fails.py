from pathlib import Path

import pytest

from cockpit.contract.check import check
from cockpit.contract.proofs import prove
from cockpit.contract.read import read
from cockpit.contract.settings import Settings
from tests.contract.healthy import Team

SCENARIO = "synthetic/shop-errors.yaml"

pytestmark = pytest.mark.servers


async def proven(team: Team) -> list[tuple[str, str, int]]:
    repository = read([team.folder], Settings())
    repository.proofs, problem = await prove(repository)
    assert problem == ""
    return [(each.rule, team.name(each), each.line) for each in check(repository).findings]


async def test_nothing_is_found_where_all_are_proven(team: Team) -> None:
    assert await proven(team) == []


async def test_a_threshold_that_the_scenario_does_not_reach(team: Team) -> None:
    team.change("rules/shop.yml", "ratio5m > 0.05", "ratio5m > 0.15")

    assert await proven(team) == [
        ("scenarios/proof-fails", SCENARIO, team.line(SCENARIO, "alert: ShopErrors"))
    ]


async def test_a_proof_that_fails_for_a_broken_rule_is_reported_at_the_rule(team: Team) -> None:
    team.change("rules/shop.yml", "(rate(shop_errors_total[5m]))", "(rate(shop_eror_total[5m]))")

    assert {rule for rule, _, _ in await proven(team)} == {"queries/unknown-metric"}


@pytest.mark.parametrize("asked", ["rate(shop_errors_total[5m])", 'shop:errors:ratio5m{till=\\"1\\"}'])
async def test_a_proof_that_fails_for_a_label_that_a_rule_drops(team: Team, asked: str) -> None:
    for name in (SCENARIO, "synthetic/shop-errors-critical.yaml"):
        team.change(name, "{shop: berlin}", '{shop: berlin, till: "1"}')
    team.change(SCENARIO, "{alert: ShopErrors,", '{alert: ShopErrors, labels: {till: "1"},')
    team.change("dashboards/shop.json", "rate(shop_errors_total[5m])", asked)

    rule = "scenarios/proof-fails" if asked.startswith("rate") else "queries/unknown-label"
    assert {rule for rule, _, _ in await proven(team)} == {rule}


async def test_rules_that_promtool_refuses_are_said_to_hold_up_the_proofs(team: Team, tmp_path: Path) -> None:
    team.change(
        "rules/shop.yml",
        "sum by (shop) (rate(shop_errors_total[5m]))",
        "sum by (shop) (rate(shop_errors_total)",
    )

    proofs, problem = await prove(read([tmp_path], Settings()))

    assert proofs == {}
    assert problem.startswith("the scenarios are not proven: promtool refuses the rules")
    assert "--rules" not in problem


async def test_of_two_scenarios_of_one_name_each_has_its_own_proof(team: Team) -> None:
    team.write("synthetic/again.yaml", (team.folder / SCENARIO).read_text())
    team.change("synthetic/again.yaml", "fires_within: 10m", "fires_within: 1m")

    failing = [path for rule, path, _ in await proven(team) if rule == "scenarios/proof-fails"]
    assert failing == ["synthetic/again.yaml"]


async def test_a_rule_file_called_like_a_flag_is_a_file(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    (team.folder / "rules/shop.yml").rename(team.folder / "--lint=none.yml")
    monkeypatch.chdir(team.folder)

    proofs, problem = await prove(read([Path()], Settings()))

    assert problem == ""
    assert all(proof.passed for proof in proofs.values())
