"""Files that cannot be used: missing, unreadable, no text, huge, no files at all. One clear line, no hang."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HUGE = 100 * 2**20
PROMETHEUS = ["--prometheus", "http://127.0.0.1:9"]


def run(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("COCKPIT_")}
    return subprocess.run(
        [sys.executable, "-m", "cockpit", *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**env, "COCKPIT_STATE_DIR": str(folder / "state"), "XDG_CONFIG_HOME": str(folder), **variables},
        timeout=30,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that was said; fail where there is more."""
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def missing(path: Path) -> None:
    path.unlink(missing_ok=True)


def folder(path: Path) -> None:
    path.mkdir()


def fifo(path: Path) -> None:
    os.mkfifo(path)


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(HUGE)


def noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 100)


def looped(path: Path) -> None:
    path.symlink_to(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def unreadable(path: Path) -> None:
    path.write_text("")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root reads everything")


def deep(path: Path) -> None:
    path.write_text("x = " + "[" * 5000 + "]" * 5000)


KINDS: list[Callable[[Path], None]] = [
    missing, folder, fifo, huge, noise, looped, device, unreadable, deep,
]  # fmt: skip


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def bad(request: pytest.FixtureRequest) -> Callable[[Path], None]:
    kind: Callable[[Path], None] = request.param
    return kind


def test_a_config_file(tmp_path: Path, bad: Callable[[Path], None]) -> None:
    path = tmp_path / "config.toml"
    bad(path)
    done = run("--config", str(path), "config", "show", folder=tmp_path)
    assert done.returncode == 2
    said = one_line(done)
    assert said.startswith("cockpit: ")
    assert str(path) in said


def test_an_http_config_file(tmp_path: Path, bad: Callable[[Path], None]) -> None:
    path = tmp_path / "http.yml"
    bad(path)
    config = tmp_path / "config.toml"
    config.write_text(
        f'[contexts.x]\nprometheus = ["http://127.0.0.1:9"]\nhttp_config = {json.dumps(str(path))}\n'
    )
    done = run("--config", str(config), "alerts", folder=tmp_path)
    assert done.returncode in {2, 3}
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    assert "http.yml" in done.stderr or "http_config" in done.stderr


@pytest.mark.parametrize("key", ["password_file", "tls"])
def test_a_file_that_http_config_names(tmp_path: Path, bad: Callable[[Path], None], key: str) -> None:
    path = tmp_path / "secret"
    bad(path)
    http = tmp_path / "http.yml"
    http.write_text(
        f"basic_auth:\n  username: me\n  password_file: {path}\n"
        if key == "password_file"
        else f"tls_config:\n  ca_file: {path}\n"
    )
    config = tmp_path / "config.toml"
    config.write_text(
        f'[contexts.x]\nprometheus = ["https://127.0.0.1:9"]\nhttp_config = {json.dumps(str(http))}\n'
    )
    done = run("--config", str(config), "alerts", folder=tmp_path)
    assert done.returncode in {2, 3}
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr


def test_a_runbook(tmp_path: Path, bad: Callable[[Path], None]) -> None:
    books = tmp_path / "runbooks"
    books.mkdir()
    (books / "good.md").write_text("# Good\n")
    bad(books / "bad.md")
    done = run("--runbooks", str(books), *PROMETHEUS, "runbook", "list", folder=tmp_path)
    assert done.returncode == 0
    assert "good" in done.stdout
    assert "Traceback" not in done.stderr
    shown = run("--runbooks", str(books), *PROMETHEUS, "runbook", "show", "bad", folder=tmp_path)
    assert shown.returncode in {0, 2}
    assert "Traceback" not in shown.stderr
    assert "internal error" not in shown.stderr


def test_a_runbook_folder(tmp_path: Path, bad: Callable[[Path], None]) -> None:
    books = tmp_path / "runbooks"
    bad(books)
    done = run("--runbooks", str(books), *PROMETHEUS, "runbook", "list", folder=tmp_path)
    assert done.returncode in {0, 2, 3}
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr


def test_a_lab_file(tmp_path: Path, bad: Callable[[Path], None]) -> None:
    lab = tmp_path / "state" / "lab"
    lab.mkdir(parents=True)
    bad(lab / "lab.json")
    done = run("lab", "status", folder=tmp_path)
    assert done.returncode in {0, 1, 2, 3}
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr


@pytest.mark.parametrize("command", ["alerts", "lab down"])
def test_a_lab_file_of_a_lab_that_is_gone(tmp_path: Path, bad: Callable[[Path], None], command: str) -> None:
    lab = tmp_path / "state" / "lab"
    lab.mkdir(parents=True)
    bad(lab / "lab.json")
    done = run(*command.split(), folder=tmp_path)
    assert done.returncode in {0, 2}
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    assert one_line(done)


def test_a_scenario(tmp_path: Path, bad: Callable[[Path], None]) -> None:
    path = tmp_path / "synthetic" / "bad.yaml"
    path.parent.mkdir()
    bad(path)
    done = run("--scenarios", str(tmp_path), "lab", "up", "--no-baseline", "--play", "bad", folder=tmp_path)
    assert done.returncode == 2
    said = one_line(done)
    assert said.startswith("cockpit: ")
    assert "bad" in said


@pytest.mark.parametrize("name", ["a.yml", "alertmanager.yml"])
def test_a_rule_file_of_the_lab(tmp_path: Path, bad: Callable[[Path], None], name: str) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    bad(rules / name)
    # The files are read before a program is started.
    programs = {f"COCKPIT_{server}_BIN": "true" for server in ("PROMETHEUS", "ALERTMANAGER", "PUSHGATEWAY")}
    done = run("--scenarios", str(tmp_path), "lab", "up", "--no-baseline", folder=tmp_path, **programs)
    assert done.returncode == 2
    said = one_line(done)
    assert said.startswith("cockpit: ")
    assert str(rules) in said
