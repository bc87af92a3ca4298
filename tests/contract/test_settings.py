from pathlib import Path

import pytest

from cockpit.contract.model import Severity
from cockpit.contract.settings import Settings
from cockpit.contract.settings_file import NAME, find, load
from cockpit.files import FileError
from cockpit.runbooks.model import SectionKind

EVERYTHING = """\
[check]
fail_on = "warning"
scrape_interval = "30s"
review_age = "1y"
severity_labels = ["level"]
owner_labels = ["crew"]
summaries = ["short"]
descriptions = ["long"]
runbook_annotations = ["doc"]
runbook_paths = { "https://wiki.example/" = "docs/" }
sections = ["triage", "post-incident"]
metrics = ["node_*"]
exclude = ["vendor/*"]

[check.severity]
"alerts/no-runbook" = "info"
"runbooks/no-owner" = "off"
"""


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / NAME
    file.write_text(text)
    return file


def test_every_key(tmp_path: Path) -> None:
    assert load(write(tmp_path, EVERYTHING)) == Settings(
        fail_on=Severity.WARNING,
        scrape_interval=30.0,
        review_age=365 * 86_400.0,
        severity_labels=("level",),
        owner_labels=("crew",),
        summaries=("short",),
        descriptions=("long",),
        runbook_annotations=("doc",),
        runbook_paths={"https://wiki.example/": "docs/"},
        sections=(SectionKind.TRIAGE, SectionKind.POST_INCIDENT),
        metrics=("node_*",),
        exclude=("vendor/*",),
        severity={"alerts/no-runbook": "info", "runbooks/no-owner": "off"},
    )


@pytest.mark.parametrize("text", ["", "[check]\n"])
def test_where_the_file_is_silent_the_context_speaks(tmp_path: Path, text: str) -> None:
    base = Settings(runbook_annotations=("doc",), runbook_paths={"https://a/": "b/"})

    assert load(write(tmp_path, text), base) == base


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[check]\nfail_onn = "error"', r"line 2: check\.fail_onn: unknown key; did you mean fail_on\?"),
        ("\n[chekc]\n", r"line 2: chekc: unknown key; did you mean check\?"),
        (
            '[chekc.severity]\n"alerts/no-runbook" = "off"',
            r"line 1: chekc: unknown key; did you mean check\?",
        ),
        ("[check]\nzzz = 1", r"line 2: check\.zzz: unknown key$"),
        ('[check]\nowner_labels = "team"', r'line 2: check\.owner_labels: a list is needed, such as \["'),
        ('[check]\nfail_on = "fatal"', r"line 2: check\.fail_on: .*'error', 'warning' or 'info'"),
        ('[check]\n\nreview_age = "soon"', r"line 3: check\.review_age: .*not a duration"),
        ('[check]\nscrape_interval = "0s"', r"line 2: check\.scrape_interval: .*greater than 0"),
        ('[check]\nexclude = "vendor"', r"line 2: check\.exclude: "),
        ('[check]\nsections = ["triage", "cause"]', r"line 2: check\.sections\.1: "),
        (
            '[check.severity]\n"alerts/no-runbok" = "off"',
            r"line 2: check\.severity: there is no rule 'alerts/no-runbok'; did you mean alerts/no-runbook\?",
        ),
        ('[check.severity]\n"alert/*" = "off"', r"there is no rule 'alert/\*'; did you mean alerts/\*\?"),
        ('[check.severity]\n"alerts/no-runbook" = "on"', r"line 2: check\.severity\.alerts/no-runbook: "),
        ("[check\n", "line 1"),
    ],
)
def test_what_is_wrong_is_told_with_line_and_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(FileError, match=told) as raised:
        load(write(tmp_path, text))
    assert raised.value.exit_code == 2
    assert NAME in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("written", ["30", '"30"', '"30s"', "30.0"])
def test_a_duration_is_a_number_of_seconds_too(tmp_path: Path, written: str) -> None:
    assert load(write(tmp_path, f"[check]\nscrape_interval = {written}")).scrape_interval == 30.0


def test_a_category_has_a_severity_and_a_rule_of_it_another(tmp_path: Path) -> None:
    text = '[check.severity]\n"runbooks/*" = "off"\n"runbooks/no-owner" = "info"\n'
    settings = load(write(tmp_path, text))

    assert settings.level("runbooks/orphan") == "off"
    assert settings.level("runbooks/no-owner") == "info"
    assert settings.level("alerts/no-owner") is None


def test_they_are_found_above_but_not_beyond_the_repository(tmp_path: Path) -> None:
    outer = write(tmp_path, "")
    inner = tmp_path / "repository" / "rules" / "team"
    inner.mkdir(parents=True)
    assert find(tmp_path) == outer
    assert find(inner) is None

    own = write(tmp_path / "repository", "")
    (tmp_path / "repository" / ".git").mkdir()
    assert find(inner) == own
