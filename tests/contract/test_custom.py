from pathlib import Path

from cockpit.contract import baseline
from cockpit.contract.model import Report
from tests.contract.healthy import RUNBOOK, Team

BARE = RUNBOOK.replace("owner: shop-team\n", "").replace("## Post-Incident\n\nWrite what happened.\n", "")
RULE = "  - {{alert: A{0}, expr: up == 0, for: 5m, labels: {{severity: page{1}}}, annotations: {{{2}}}}}\n"
LINKED = "summary: s, description: d, runbook: https://wiki.example/a"


def _books(folder: Path, *, bare: int, whole: int) -> Report:
    books = {f"runbooks/b{n:02}.md": BARE for n in range(bare)} | {
        f"runbooks/w{n:02}.md": RUNBOOK for n in range(whole)
    }
    return Team(folder, books).report()


def _of(report: Report, *rules: str) -> list[str]:
    return [each.message for each in report.findings if each.rule in rules]


def _rules(count: int, annotations: str, *, labels: str = "") -> str:
    return "groups:\n- name: a\n  rules:\n" + "".join(
        RULE.format(n, labels, annotations) for n in range(count)
    )


def test_what_nearly_all_runbooks_lack_is_said_once(tmp_path: Path) -> None:
    report = _books(tmp_path, bare=18, whole=2)

    assert _of(report, "runbooks/no-owner", "runbooks/missing-section") == [
        "hardly any runbook has the section post-incident",
        "hardly any runbook names an owner",
    ]
    assert [each.remedy.partition(":")[0] for each in report.findings if "hardly" in each.message] == [
        "18 of 20 lack it"
    ] * 2


def test_four_are_enough_and_what_some_lack_is_said_of_each(tmp_path: Path) -> None:
    rules = "runbooks/no-owner", "runbooks/missing-section"

    assert len(_of(_books(tmp_path / "four", bare=4, whole=0), *rules)) == 2
    assert len(_of(_books(tmp_path / "three", bare=3, whole=0), *rules)) == 6
    assert len(_of(_books(tmp_path / "several", bare=10, whole=2), *rules)) == 20


def test_what_all_alerts_lack_is_said_once_at_the_first(tmp_path: Path) -> None:
    report = Team(tmp_path, {"rules.yml": _rules(5, "")}).report()

    assert [(each.message, each.line) for each in report.findings] == [
        ("hardly any alert has a runbook", 4),
        ("hardly any alert has a description", 4),
        ("hardly any alert has a summary", 4),
    ]


def test_an_alert_that_lacks_what_others_have_is_reported_as_it_was(tmp_path: Path) -> None:
    some = _rules(3, LINKED) + RULE.format(9, "", "").replace("severity: page", "")

    assert _of(
        Team(tmp_path, {"rules.yml": some}).report(),
        *(f"alerts/no-{what}" for what in ("runbook", "description", "summary", "severity")),
    ) == ["A9 has no runbook", "A9 has no severity", "A9 has no description", "A9 has no summary"]


def test_no_alert_with_a_severity(tmp_path: Path) -> None:
    rules = _rules(4, LINKED).replace("severity: page", "")

    assert _of(Team(tmp_path, {"rules.yml": rules}).report(), "alerts/no-severity") == [
        "hardly any alert has a severity"
    ]


def test_an_exception_with_a_reason_is_none_of_the_custom(tmp_path: Path) -> None:
    comment = "  # cockpit: ignore alerts/no-runbook -- nothing to be done\n"
    head, *alerts = _rules(5, "summary: s, description: d").splitlines(keepends=True)[2:]
    start = "groups:\n- name: a\n"
    report = Team(tmp_path / "one", {"rules.yml": "".join([start, head, comment, *alerts])}).report()

    assert [(each.message, each.line) for each in report.findings] == [("hardly any alert has a runbook", 6)]
    assert [each.finding.message for each in report.suppressed] == ["A0 has no runbook"]

    every = "".join([start, head, *(comment + alert for alert in alerts)])
    report = Team(tmp_path / "every", {"rules.yml": every}).report()

    assert (report.findings, len(report.suppressed)) == ((), 5)


def test_a_custom_that_is_accepted_may_be_mended_one_by_one(tmp_path: Path) -> None:
    rules = _rules(4, "summary: s, description: d")
    file = tmp_path / "baseline.json"
    baseline.write(file, Team(tmp_path, {"rules.yml": rules}).report())
    mended = rules.replace("summary: s", "summary: s, runbook: https://wiki.example/a", 1)
    report = Team(tmp_path, {"rules.yml": mended}).report()

    assert len(report.findings) == 3
    assert baseline.apply(baseline.read(file), report).findings == ()
