from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.contract.check import check
from cockpit.contract.read import read
from cockpit.contract.repository import Repository
from cockpit.contract.settings import Settings
from tests.contract.healthy import ALERTMANAGER, DASHBOARD, DRILL, FILES, NOW, RULES, RUNBOOK, SCENARIO, Team

NAMES = ("a.yml", "a.yaml", "a.rules", "a.md", "a.json", "a", "runbooks/a.md")
TEXTS = (RULES, ALERTMANAGER, SCENARIO, DRILL, RUNBOOK, DASHBOARD)


def _read(team: Team) -> Repository:
    return read([team.folder], Settings(), now=NOW)


def test_files_are_told_apart_by_what_is_in_them(team: Team) -> None:
    found = _read(team)

    assert len(found.rules) == 4
    assert [each.name for each in found.alerts] == ["ShopErrors", "ShopErrorsCritical", "Watchdog"]
    assert len(found.alertmanagers) == len(found.drills) == len(found.dashboards) == 1
    assert len(found.scenarios) == len(found.runbooks) == 2
    assert found.now == NOW


def test_names_do_not_matter(tmp_path: Path) -> None:
    names = [f"{number}{Path(name).suffix}" for number, name in enumerate(FILES)]
    found = _read(Team(tmp_path, dict(zip(names, FILES.values(), strict=True))))

    assert (len(found.rules), len(found.scenarios), len(found.drills)) == (4, 2, 1)


def test_a_rule_file_without_a_suffix(tmp_path: Path) -> None:
    assert len(_read(Team(tmp_path, {"alerts": RULES})).rules) == 4


def test_programs_with_yaml_in_them_are_no_rule_files(tmp_path: Path) -> None:
    found = _read(Team(tmp_path, {"a.py": f'"""\n{RULES}"""\n', "b.go": f"`\n{RULES}`\n"}))

    assert (found.rules, found.bad_files, found.not_read) == ((), (), ())


def test_groups_of_all_documents_of_a_file(tmp_path: Path) -> None:
    more = "---\nspec:\n  groups:\n  - name: more\n    rules:\n    - {record: a, expr: up}\n"
    found = _read(Team(tmp_path, {"a.yml": RULES + more}))

    assert [each.name for each in found.rules][-1] == "a"
    assert found.rules[-1].at("record").line == RULES.count("\n") + 6


def test_utf_16_and_a_byte_order_mark(tmp_path: Path) -> None:
    team = Team(tmp_path, {})
    team.write("a.yml", RULES.encode("utf-16"))
    team.write("b.yml", RULES.encode("utf-8-sig"))

    assert len(_read(team).rules) == 8


def test_what_is_too_large_is_said_to_be(tmp_path: Path) -> None:
    team = Team(
        tmp_path, {"a.yml": RULES + "#" * 11_000_000, "b.json": " " * 11_000_000, "c.yml": "#" * 11_000_000}
    )
    found = _read(team)

    assert [(Path(each.place.path).name, each.kind) for each in found.bad_files] == [("a.yml", "rule file")]
    assert {Path(each.path).name for each in found.not_read} == {"b.json", "c.yml"}


def test_rules_that_are_templates_are_unknown(tmp_path: Path) -> None:
    found = _read(Team(tmp_path, {"a.yml": "{{- if .Values.on }}\n" + RULES + "{{- end }}\n"}))

    assert found.rules_unknown
    assert [each.line for each in found.not_read] == [1]


@st.composite
def _mangled(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(TEXTS)).encode())
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 30))] = draw(
            st.binary(max_size=6)
            | st.sampled_from([b"\t", b"\0", b"{{ x }}", b"[", b"*a", b"&a ", b"\n", b": ", b"```"])
        )
    return bytes(data)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.binary(max_size=60) | _mangled(), max_size=4))
def test_no_files_make_a_check_fail_and_each_finding_has_its_line(files: dict[str, bytes]) -> None:
    with TemporaryDirectory() as folder:
        team = Team(Path(folder), {})
        for name, data in files.items():
            team.write(name, data)
        report = check(_read(team))

        for each in report.findings:
            lines = (Path(each.path)).read_bytes().decode("utf-8", "replace").splitlines()
            assert 1 <= each.line <= max(len(lines), 1) + 1


def test_release_notes_are_no_runbook(tmp_path: Path) -> None:
    notes = (
        "# Notes\n\n## Erlang 24 Support\n\n## Classic Queue Metrics\n\n## Bug Fixes\n\n```bash\nmake\n```\n"
    )
    team = Team(tmp_path, {"notes/3.9.0.md": notes, "pages/a.md": RUNBOOK.partition("---\n# ")[2]})

    assert [each.runbook.path for each in _read(team).runbooks] == ["pages/a.md"]


def test_words_of_a_sentence_that_need_not_be_metrics_are_no_queries(team: Team) -> None:
    words = "`fallback_scrape_protocol`, `FILE_DESCRIPTOR_LIMIT`, `localhost:9090`"
    metrics = "`shop_errors_total`, `up == 0`"
    team.change("runbooks/shop-errors.md", "Nobody can buy.", f"See {words}; {metrics}.")
    team.change("runbooks/shop-errors.md", '```promql {"title": "Errors by shop"}', "```")

    exprs = [each.expr for each in _read(team).queries if each.origin.name == "Shop errors"]

    assert exprs[1:] == ["shop_errors_total", "up == 0"]


def test_an_empty_file_is_listed_where_it_may_have_been_ours(tmp_path: Path) -> None:
    names = ("rules/a.yml", "roles/meta/main.yml", "docs/a.md", "runbooks/b.md")
    found = _read(Team(tmp_path, dict.fromkeys(names, " \n")))

    assert [Path(each.path).name for each in found.not_read] == ["a.yml"]
    assert [(Path(each.place.path).name, each.reason) for each in found.bad_files] == [("b.md", "empty")]


def test_an_empty_page_that_an_alert_leads_to_is_an_empty_runbook(team: Team) -> None:
    team.write("runbooks/watchdog.md", "")
    team.change("runbooks/shop-errors.md", "(watchdog.md#meaning)", "(watchdog.md)")

    assert team.found() == [("files/unreadable", "runbooks/watchdog.md", 1)]


def test_json_with_groups_that_are_not_of_rules_is_kept_quiet(tmp_path: Path) -> None:
    found = _read(Team(tmp_path, {"hosts.json": '{"groups": {"all": ["a"]}, "host": 1, "host": 2}'}))

    assert (found.not_read, found.bad_files) == ((), ())
