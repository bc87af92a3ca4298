import pytest

from tests.contract.healthy import Team

FILE = "rules/shop.yml"
HELD = "        expr: shop:errors:ratio5m > 0.05\n        for: 5m\n"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("- alert: Watchdog", "- alrt: Watchdog", "- alrt"),
        ("- alert: Watchdog", "- record: dog\n        alert: Watchdog", "- record: dog"),
        ("        expr: vector(1)\n", "", "- alert: Watchdog"),
        (HELD, HELD.replace("5m\n", "five minutes\n"), "for: five minutes"),
        (HELD, HELD + "        keep_firing_for: 1.5h\n", "keep_firing_for"),
        ("  - name: shop\n", "  - name: shop\n    interval: 300y\n", "interval"),
        ("  - name: shop\n", "  - name: shop\n    rules: []\n  - name: shop\n", None),
        ("  - name: shop\n", "  - limit: 1\n", "- limit"),
        ("record: shop:errors:ratio5m", "record: shop:errors:ratio5m\n        for: 5m", None),
        ("labels: {severity: none, owner", "labels: {severity: none, a-b: c, owner", "a-b"),
        ("labels: {severity: none, owner", "labels: {severity: none, __name__: c, owner", "__name__"),
        ("labels: {severity: none, owner", "labels: {severity: none, a: [b], owner", "a: [b]"),
    ],
)
def test_a_rule_that_prometheus_refuses(team: Team, old: str, new: str, line: str | None) -> None:
    team.change(FILE, old, new)
    found = team.found()

    assert [(rule, name) for rule, name, _ in found] == [("files/invalid", FILE)]
    if line is not None:
        assert found[0][2] == team.line(FILE, line)


def test_rules_that_are_no_list(team: Team) -> None:
    team.change(FILE, "    rules:\n", "    rules:\n     Shop:\n")

    assert team.found() == [("files/invalid", FILE, 4)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (HELD, HELD + "        some_key_of_others: {a: [b]}\n"),
        (HELD, HELD.replace("5m\n", "0\n").replace("        for: 0", "        for: 1h30m")),
        (HELD, HELD.replace("for: 5m", 'for: "{{ duration }}"')),
        ("  - name: shop\n", "  - name: shop\n    partial_response_strategy: abort\n    interval: 30s\n"),
    ],
)
def test_what_is_right_or_for_others_to_judge(team: Team, old: str, new: str) -> None:
    team.change(FILE, old, new)

    assert team.found() == []


def test_documents_of_one_file_may_have_groups_of_one_name(team: Team) -> None:
    text = (team.folder / FILE).read_text()
    team.write(FILE, f"{text}---\ngroups: [{{name: shop, rules: [{{record: a, expr: up}}]}}]\n")

    assert "files/invalid" not in [rule for rule, *_ in team.found()]


@pytest.mark.parametrize(
    ("name", "old", "new", "line"),
    [
        ("synthetic/shop-errors.yaml", "recover: 10m", "recovery: 10m", "recovery"),
        ("drills/shop-night.yaml", "pass: 2", "passed: 2", "passed"),
        ("rules/alertmanager.yml", "      receiver: pager", "      receiver: pagr", "receiver: pagr"),
        ("rules/alertmanager.yml", "      receiver: pager", "      group_wait: soon", "route:"),
    ],
)
def test_files_for_the_cockpit_and_alertmanager(team: Team, name: str, old: str, new: str, line: str) -> None:
    team.change(name, f"{old}\n", f"{new}\n")

    assert ("files/invalid", name, team.line(name, line)) in team.found()


def test_front_matter_that_is_none(team: Team) -> None:
    team.change("runbooks/shop-errors.md", "owner: shop-team", "owner: [shop-team")

    assert [(rule, name) for rule, name, _ in team.found()] == [("files/invalid", "runbooks/shop-errors.md")]


def test_two_scenarios_or_drills_of_one_name(team: Team) -> None:
    for name in ("synthetic/shop-errors.yaml", "drills/shop-night.yaml"):
        team.write(f"more/{name}", (team.folder / name).read_text())

    assert [(rule, team.line(file, "name: shop-")) for rule, file, _ in team.found()] == [
        ("files/invalid", 1),
        ("files/invalid", 1),
    ]
    assert [each.message for each in team.report().findings] == [
        "another drill is called shop-night",
        "another scenario is called shop-errors",
    ]


def test_a_comment_in_one_route_does_not_hide_the_receiver_of_another(team: Team) -> None:
    team.change("rules/alertmanager.yml", "  receiver: mail\n", "  receiver: post\n")
    team.change(
        "rules/alertmanager.yml",
        "      receiver: pager\n",
        "      receiver: pager  # cockpit: ignore files/invalid -- defined elsewhere\n",
    )

    assert ("files/invalid", "rules/alertmanager.yml", 2) in team.found()
