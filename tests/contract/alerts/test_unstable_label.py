import pytest

from tests.contract.healthy import Team

RULES = "rules/shop.yml"
LABELS = "labels: {severity: critical, owner: shop-team}"


def put(team: Team, value: str, expr: str = "") -> None:
    team.change(
        RULES,
        LABELS,
        f"labels:\n          severity: critical\n          owner: shop-team\n          now: '{value}'",
    )
    if expr:
        team.change(RULES, "expr: shop:errors:ratio5m > 0.2", f"expr: {expr}")


@pytest.mark.parametrize(
    "value",
    [
        "{{ $value }}",
        "{{$value|humanize}}",
        "at {{- .Value | printf `%.2f` -}} of all",
        '{{ printf "%.0f" $value }}',
        "{{ humanizePercentage $value }}",
        "{{ if true }}{{ $.Value }}{{ end }}",
        '{{ query "up" | first | value }}',
        "{{ now }}",
    ],
)
def test_a_label_that_holds_what_changes(team: Team, value: str) -> None:
    put(team, value)

    assert team.found() == [("alerts/unstable-label", RULES, team.line(RULES, value))]


@pytest.mark.parametrize(
    "value",
    [
        "{{ $labels.shop }}",
        "{{ $labels.now }}",
        "{{ .Labels.Value }}",
        "{{ if gt $value 0.5 }}all{{ else }}some{{ end }}",
        "{{ $labels.shop | printf `$value of %s` }}",
        '{{ with query "owners" }}{{ . | first | label "team" }}{{ end }}',
        "{{ $x := $value }}shop",
        "for $value see the description",
    ],
)
def test_a_label_that_stays_the_same(team: Team, value: str) -> None:
    put(team, value)

    assert "alerts/unstable-label" not in [rule for rule, _, _ in team.found()]


@pytest.mark.parametrize(
    "expr", ["up == 0", "absent(shop_requests_total)", "group by (shop) (shop_errors_total)"]
)
def test_a_value_that_is_always_the_same(team: Team, expr: str) -> None:
    put(team, "{{ $value }}", expr)

    assert "alerts/unstable-label" not in [rule for rule, _, _ in team.found()]
