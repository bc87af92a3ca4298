import json
from pathlib import Path

import pytest

from cockpit.contract.check import check
from cockpit.contract.read import read
from cockpit.contract.repository import Repository
from cockpit.contract.settings import Settings
from tests.contract.healthy import ALERTMANAGER, DASHBOARD, NOW, RULES, Team

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: all\n"


def _held(*files: tuple[str, str], head: str = HEAD, part: str = "data") -> str:
    texts = (f"  {name}: |\n" + "".join(f"    {line}\n" for line in text.split("\n")) for name, text in files)
    return f"{head}{part}:\n" + "".join(texts)


def _read(folder: Path, text: str) -> Repository:
    return read([Team(folder, {"all.yaml": text}).folder], Settings(), now=NOW)


def test_what_a_config_map_holds_has_the_lines_of_its_file(tmp_path: Path) -> None:
    text = _held(("shop.yml", RULES), ("alertmanager.yml", ALERTMANAGER), ("shop.json", DASHBOARD))
    found = _read(tmp_path, text)

    lines = text.split("\n")
    assert len(found.rules) == 4
    assert all(each.name in lines[each.at("alert").line - 1] for each in found.alerts)
    assert [lines[each.at("route").line - 1].strip() for each in found.alertmanagers] == ["route:"]
    assert [each.title for each in found.dashboards] == ["Shop"]
    queries = [each for each in found.queries if each.origin.kind == "dashboard"]
    assert ["shop_errors_total" in lines[each.lines[0] - 1] for each in queries] == [True]


def test_those_of_a_list_are_read_too(tmp_path: Path) -> None:
    rule = "\n".join(f"    {line}" for line in RULES.split("\n"))
    found = _read(tmp_path, f"apiVersion: v1\nkind: List\nitems:\n- kind: PrometheusRule\n  spec:\n{rule}")

    assert len(found.rules) == 4


def test_two_files_of_one_config_map_may_have_groups_of_one_name(tmp_path: Path) -> None:
    rules = "groups:\n- name: a\n  rules:\n  - {record: 'a:b:c', expr: up}\n"
    found = _read(tmp_path, _held(("one.yml", rules), ("two.yml", rules)))

    assert check(found).findings == ()


def test_what_is_wrong_in_one_is_found_at_its_line(tmp_path: Path) -> None:
    text = _held(("shop.yml", RULES.replace("for: 5m", "for: 5x", 1)))

    assert [
        each.source.strip() for each in check(_read(tmp_path, text)).findings if each.rule[:5] == "files"
    ] == ["for: 5x"]
    broken = check(_read(tmp_path, _held(("shop.yml", RULES + "\t- x"))))
    assert [(each.rule, each.source.strip()) for each in broken.findings] == [("files/unreadable", "- x")]


@pytest.mark.parametrize(
    "text",
    [
        _held(("a.yml", "Z3JvdXBzOg==")).replace("ConfigMap", "Secret"),
        HEAD + "data:\n  a.yml: " + json.dumps(RULES) + "\n",
    ],
)
def test_what_is_not_read_is_listed(tmp_path: Path, text: str) -> None:
    found = _read(tmp_path, text)

    assert [(each.reason[:5], each.line) for each in found.not_read] == [("a.yml", 6)]


def test_a_secret_has_text_too(tmp_path: Path) -> None:
    text = _held(("alertmanager.yaml", ALERTMANAGER), part="stringData").replace("ConfigMap", "Secret")

    assert len(_read(tmp_path, text).alertmanagers) == 1


def test_other_files_within_are_kept_quiet(tmp_path: Path) -> None:
    found = _read(tmp_path, _held(("a.yml", "a: 1\n"), ("b.json", "{}"), ("c.txt", RULES)))

    assert (found.rules, found.not_read, found.bad_files) == ((), (), ())
