import pytest

from tests.contract.healthy import Team

DRILL = "drills/shop-night.yaml"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{firing: ShopErrors}", "{firing: ShopErors}"),
        ("{pushed: shop-errors}", "{pushed: shop-erors}"),
        ("{notified: chat,", "{notified: chatt,"),
        ("{opened: shop-errors}", "{opened: shop-erors}"),
    ],
)
def test_a_name_that_leads_nowhere(team: Team, old: str, new: str) -> None:
    team.change(DRILL, old, new)
    found = team.found()

    assert ("drills/unknown-reference", DRILL, team.line(DRILL, new)) in found
    assert {rule for rule, _, _ in found} == {"drills/unknown-reference"}


def test_it_says_what_was_meant(team: Team) -> None:
    team.change(DRILL, "{opened: shop-errors}", "{opened: shop-erors}")

    (found,) = team.report().findings

    assert found.message == "shop-night speaks of the runbook shop-erors, which the runbooks lack"
    assert found.remedy == "did you mean shop-errors?"


def test_what_cannot_be_known_is_not_judged(team: Team) -> None:
    (team.folder / "rules/alertmanager.yml").unlink()
    team.change(DRILL, "{notified: chat,", "{notified: someone,")

    assert team.found() == []


def test_a_receiver_that_is_gone_is_reported_once(team: Team) -> None:
    team.change("rules/alertmanager.yml", "  - name: chat\n", "  - name: chats\n")

    assert [rule for rule, *_ in team.found()] == ["files/invalid"]


def test_alerts_that_a_template_makes_may_be_there(team: Team) -> None:
    team.change("rules/shop.yml", "- alert: ShopErrorsCritical", "- alert: Other")
    team.write("rules/more.yml", "{{ if .Values.on }}\ngroups: [{rules: [\n- alert: A\n  expr: up\n{{ end }}")

    assert not {"drills/unknown-reference", "scenarios/unknown-alert"}.intersection(
        r for r, *_ in team.found()
    )
