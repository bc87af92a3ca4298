"""Finding the servers, and saying in one line what is missing or what went wrong."""

from pathlib import Path

import pytest

from cockpit.errors import CockpitError, UsageError
from cockpit.lab import servers


def program(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_servers_are_found_under_the_names_of_debian_and_of_upstream(tmp_path: Path) -> None:
    for name in ("prometheus", "alertmanager", "prometheus-pushgateway"):
        program(tmp_path, name)
    found = servers.find({"PATH": str(tmp_path)})
    assert {name: Path(path).name for name, path in found.items()} == {
        "prometheus": "prometheus",
        "alertmanager": "alertmanager",
        "pushgateway": "prometheus-pushgateway",
    }


def test_a_variable_wins_over_path(tmp_path: Path) -> None:
    for name in ("prometheus", "alertmanager", "pushgateway", "my-prometheus"):
        program(tmp_path, name)
    mine = str(tmp_path / "my-prometheus")
    assert servers.find({"PATH": str(tmp_path), "COCKPIT_PROMETHEUS_BIN": mine})["prometheus"] == mine


def test_a_variable_that_names_no_program_is_a_usage_error(tmp_path: Path) -> None:
    env = {"PATH": str(tmp_path), "COCKPIT_ALERTMANAGER_BIN": "/no/such\x1b[31m"}
    program(tmp_path, "prometheus")
    with pytest.raises(UsageError, match="COCKPIT_ALERTMANAGER_BIN=/no/such") as caught:
        servers.find(env)
    assert "\x1b" not in str(caught.value)


def test_missing_servers_are_all_named_at_once(tmp_path: Path) -> None:
    program(tmp_path, "prometheus")
    with pytest.raises(CockpitError, match=r"^alertmanager and pushgateway are not installed: ") as caught:
        servers.find({"PATH": str(tmp_path)})
    assert not isinstance(caught.value, UsageError)


def test_how_to_install_suits_the_platform() -> None:
    missing = ["prometheus", "alertmanager"]
    debian = servers.how_to_install(missing, "linux", apt=True)
    assert debian == "install with `sudo apt-get install prometheus prometheus-alertmanager`"
    assert "brew install prometheus" in servers.how_to_install(missing, "darwin", apt=False)
    assert "COCKPIT_ALERTMANAGER_BIN" in servers.how_to_install(["alertmanager"], "darwin", apt=False)
    assert "brew" not in servers.how_to_install(["alertmanager"], "darwin", apt=False)
    assert "COCKPIT_PROMETHEUS_BIN" in servers.how_to_install(missing, "freebsd14", apt=False)


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (
            'level=info msg="Starting"\n'
            'level=error component="rule manager" msg="loading groups failed" err="a.yml: 1:5: parse error"\n'
            'level=error msg="Error loading config" err="error loading config"\n',
            "loading groups failed: a.yml: 1:5: parse error",
        ),
        (
            'time=2026-11-20 level=ERROR msg="no room" err="no space left on device"\n',
            "no room: no space left on device",
        ),
        (
            "prometheus: error: unknown long flag '--x', try --help\n",
            "prometheus: error: unknown long flag '--x', try --help",
        ),
        ("Killed\n\n", "Killed"),
        ('level=error msg="\x1b]52;c;x\x07 \\"quoted\\"" err=plain\n', '␛]52;c;x␇ "quoted": plain'),
        ("", ""),
    ],
)
def test_the_last_words_are_the_error_that_began_it(tmp_path: Path, log: str, words: str) -> None:
    path = tmp_path / "server.log"
    path.write_text(log, encoding="utf-8")
    assert servers.last_words(path) == words


def test_a_log_that_is_not_there_has_no_last_words(tmp_path: Path) -> None:
    assert servers.last_words(tmp_path / "none.log") == ""


def test_free_ports_differ() -> None:
    assert len(set(servers.free_ports(20))) == 20


def test_every_server_listens_on_loopback_alone_and_keeps_its_data_in_the_folder(tmp_path: Path) -> None:
    names = ("sink", *servers.NAMES)
    ports = {name: 1000 + i for i, name in enumerate(names)}
    children = servers.commands({name: f"/bin/{name}" for name in servers.NAMES}, ports, tmp_path, speed=60)
    assert [child.name for child in children] == list(names)
    for child in children[1:]:
        assert f"--web.listen-address=127.0.0.1:{ports[child.name]}" in child.argv
        assert any(str(tmp_path) in word for word in child.argv)
    assert "--cluster.listen-address=" in children[2].argv
    assert f"--persistence.file={tmp_path}/pushgateway.data" in children[3].argv
