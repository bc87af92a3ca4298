import pytest

from tests.contract.healthy import Team

RULES = "rules/more.yml"
RULE = """\
      - alert: Full
        expr: {expr}
        for: 5m
        labels:
{labels}
        annotations:
          summary: Full
          description: It is full.
          runbook_url: https://runbooks.example/watchdog.md
"""
LABELS = {"severity": "warning", "owner": "shop-team", "alert_type": "cause"}


def rule(expr: str = "disk_used_ratio > 0.9", **labels: str) -> str:
    both = {**LABELS, **labels}
    lines = [f"          {label}: {value}" for label, value in both.items() if value]
    return RULE.format(expr=expr, labels="\n".join(lines))


def write(team: Team, *rules: str) -> None:
    others = "".join(rule(f"other_{n} > 1").replace("alert: Full", f"alert: Other{n}") for n in range(9))
    team.write(RULES, "groups:\n  - name: more\n    rules:\n" + "".join(rules) + others)


def found(team: Team) -> list[int]:
    return [line for rule, path, line in team.found() if rule == "alerts/duplicate" and path == RULES]


def second(team: Team) -> int:
    lines = (team.folder / RULES).read_text().split("\n")
    return [number for number, line in enumerate(lines, 1) if "alert: Full" in line][1]


@pytest.mark.parametrize(
    "expr",
    ["disk_used_ratio > 0.9", "disk_used_ratio  >0.9", "(disk_used_ratio > 0.9)", "disk_used_ratio > 0.95"],
)
def test_the_same_rule_twice(team: Team, expr: str) -> None:
    write(team, rule(), rule(expr))

    assert found(team) == ([second(team)] if "(" not in expr else [])


def test_a_label_that_is_misspelt(team: Team) -> None:
    write(team, rule(severity="critical"), rule(alert_type="", alert_typ="cause"))

    assert found(team) == [team.line(RULES, "alert_typ:")]


def test_a_value_that_is_misspelt(team: Team) -> None:
    write(team, rule("disk_used_ratio > 0.8", severity="warnign"), rule())

    assert found(team) == [team.line(RULES, "warnign")]


def test_a_label_that_only_one_lacks(team: Team) -> None:
    write(team, rule(severity="critical"), rule("sum by (shop) (disk_used_ratio) > 1", alert_type=""))

    assert found(team) == [second(team)]


@pytest.mark.parametrize(
    "other",
    [
        rule("disk_used_ratio > 0.95", severity="critical"),
        rule('disk_used_ratio{job="b"} > 0.9'),
        rule("disk_used_ratio < 0.1"),
        rule("disk_used_ratio > 0.95 unless disk_idle"),
        rule("disk_used_ratio > 0.5 and on () hour() > 8"),
        rule("predict_linear(disk_used_ratio[1h], 3600) > 1"),
        rule(tier="db"),
        rule(owner="shop-tram"),
        rule(alert_type=""),
        rule('disk_used_ratio{job="b"} > 0.9', shard="one"),
    ],
)
def test_two_of_a_name_on_purpose(team: Team, other: str) -> None:
    write(
        team, rule('disk_used_ratio{job="a"} > 0.9' if 'job="b"' in other else "disk_used_ratio > 0.9"), other
    )

    assert found(team) == ([team.line(RULES, "shop-tram")] if "tram" in other else [])


def test_a_copy_in_another_file_may_be_loaded_elsewhere(team: Team) -> None:
    write(team, rule())
    team.write("rules/staging.yml", (team.folder / RULES).read_text())

    assert "alerts/duplicate" not in [rule for rule, _, _ in team.found()]
