"""Which keys a config may map, and what the first screen loads: in a process that has loaded nothing else."""

import subprocess
import sys

HEAVY = ("pydantic", "ruamel", "prometheus_client", "markdown_it", "httpx._main", "cockpit.scenarios.model")


def said_by(code: str) -> str:
    """Return what a fresh interpreter prints."""
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    ).stdout


def test_the_keys_of_every_screen_can_be_mapped() -> None:
    names = said_by("from cockpit.tui.keys import known_keys\nprint(*known_keys())").split()
    screens = {name.partition(".")[0] for name in names}
    assert screens >= {"alerts", "list", "page", "pick", "rules", "scenario", "scenarios", "why", "mode"}
    assert {"scenarios.play", "scenario.why", "rules.why", "app.interrupt", "query.1"} <= set(names)


def test_the_first_alert_does_not_wait_for_what_scenarios_need() -> None:
    loaded = said_by("import sys\nimport cockpit.tui.app\nprint(*sys.modules)").split()
    assert [name for name in HEAVY if name in loaded] == []


def test_looking_what_plays_loads_no_parser_of_files() -> None:
    code = (
        "import sys\nimport cockpit.scenarios.play.groups, cockpit.scenarios.play.plays\nprint(*sys.modules)"
    )
    loaded = said_by(code).split()
    assert [name for name in HEAVY if name in loaded] == []
