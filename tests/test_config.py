"""Which servers and folders are in force, and what a wrong config file says."""

import os
from pathlib import Path

import pytest
from msgspec import json
from msgspec.structs import replace

from cockpit import config
from cockpit.config import Config, Context, LabFile, Overrides, from_environment, load, resolve, shipped
from cockpit.errors import UsageError
from cockpit.files import FileError

FULL = """\
default = "prod"
[contexts.prod]
prometheus   = ["https://prom-a.example/", "https://prom-b.example"]
alertmanager = ["https://am-a.example", "unix:///run/am.sock"]
http_config  = "prod-http.yml"
headers      = { X-Scope-OrgID = "relay" }
runbooks     = ["runbooks", "~/more"]
runbook_annotations = ["runbook_url", "runbook"]
runbook_paths = { "https://runbooks.example/" = "runbooks/" }
watchdog     = "Watchdog"
ignore_labels = ["replica"]
read_only    = false
poll_interval = "1m30s"
timeout = 2
[contexts.other]
prometheus = ["http://other.example"]
[ui]
bell = "critical"
keys = { refresh = "r,f5" }
"""


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("COCKPIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COCKPIT_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("COCKPIT_STATE_DIR", str(tmp_path / "state"))


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "c.toml"
    file.write_text(text)
    return file


def write_lab(owner: int) -> LabFile:
    lab = LabFile(
        prometheus="http://127.0.0.1:1",
        alertmanager="http://127.0.0.1:2",
        pushgateway="http://127.0.0.1:3",
        sink="http://127.0.0.1:4",
        speed=60.0,
        owner_pid=owner,
        pids={},
        versions={},
        started_at=0.0,
    )
    config.lab_file().parent.mkdir(parents=True)
    config.lab_file().write_bytes(json.encode(lab))
    return lab


def test_a_full_file(tmp_path: Path) -> None:
    read = load(written(tmp_path, FULL))
    prod = read.contexts["prod"]
    assert prod.name == "prod"
    assert prod.prometheus == ("https://prom-a.example", "https://prom-b.example")
    assert prod.poll_interval == 90
    assert prod.stale_after == 270
    assert prod.http_config == tmp_path / "prod-http.yml"
    assert prod.runbooks == (tmp_path / "runbooks", tmp_path / "home" / "more")
    assert read.ui.keys == {"refresh": "r,f5"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[contexts.a]\n\ncolour = 1\n", "c.toml, line 3: contexts.a.colour: unknown key"),
        ("[contexts.a]\nprometheus = ['a.example']\n", "line 2: contexts.a.prometheus.0: a URL starts with"),
        ("[contexts.a]\ntimeout = 'soon'\n", "line 2: contexts.a.timeout: not a duration"),
        ("[contexts.a]\ntimeout = 0\n", "line 2: contexts.a.timeout: "),
        ("[ui]\nbell = 'loud'\n", "line 2: ui.bell: "),
        ("defualt = 'a'\n", "line 1: defualt: unknown key"),
        ("[contexts.a]\nspeed = 2\n", "line 2: contexts.a.speed: unknown key"),
        ("[contexts.a]\nname = 'b'\n", "line 2: contexts.a.name: unknown key"),
        ("path = '/etc/c.toml'\n", "line 1: path: unknown key"),
        ("default = 'a'\n", "default: there is no context 'a'"),
        ("default = \n", "line 1"),
    ],
)
def test_a_wrong_file_names_file_line_and_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError) as failed:
        load(written(tmp_path, text))
    assert str(tmp_path / "c.toml") in str(failed.value)
    assert message in str(failed.value)
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize(
    ("text", "line", "key", "problem"),
    [
        ("default = 'a'\nb = = 2\n", 2, "", "Invalid value"),
        ("\n[ui]\nbell = 'loud'\n", 3, "ui.bell", "Input should be 'off', 'on', 'critical' or 'warning'"),
        ("default = 'a'\n", None, "default", "there is no context 'a'"),
    ],
)
def test_a_wrong_file_keeps_line_and_key_for_programs(
    tmp_path: Path, text: str, line: int | None, key: str, problem: str
) -> None:
    with pytest.raises(FileError) as failed:
        load(written(tmp_path, text))
    assert (failed.value.line, failed.value.key, failed.value.problem) == (line, key, problem)


def test_a_missing_or_unreadable_file_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.toml", tmp_path):
        with pytest.raises(UsageError, match=f"config {path}: "):
            load(path)


def test_without_a_file_at_the_default_place_all_is_empty() -> None:
    assert load() == Config()


def test_the_context_is_the_named_or_the_default_or_the_only_one(tmp_path: Path) -> None:
    full = load(written(tmp_path, FULL))
    assert resolve(full, None, Overrides()).name == "prod"
    assert resolve(full, "other", Overrides()).name == "other"
    only = Config(contexts={"one": Context(name="one", prometheus=("http://a",))})
    assert resolve(only, None, Overrides()).name == "one"
    with pytest.raises(UsageError, match=r"no context 'nope'.*other, prod"):
        resolve(full, "nope", Overrides())


def test_an_override_replaces_its_setting_and_keeps_the_others(tmp_path: Path) -> None:
    full = load(written(tmp_path, FULL))
    context = resolve(full, "prod", Overrides(prometheus=("http://new/",), runbooks=("rel",)))
    assert context.prometheus == ("http://new",)
    assert context.alertmanager == full.contexts["prod"].alertmanager
    assert context.headers == {"X-Scope-OrgID": "relay"}
    assert context.runbooks == (Path("rel").absolute(),)


def test_urls_given_by_hand_never_get_the_credentials_of_a_context_that_was_not_named(tmp_path: Path) -> None:
    context = resolve(load(written(tmp_path, FULL)), None, Overrides(prometheus=("http://new",)))
    assert context.http_config is None
    assert context.headers == {}


def test_a_bad_url_in_an_override_names_the_flag() -> None:
    with pytest.raises(UsageError, match="--prometheus"):
        resolve(Config(), None, Overrides(prometheus=("nonsense",)))


def test_with_nothing_to_look_at_it_says_what_to_do() -> None:
    with pytest.raises(UsageError, match="cockpit demo"):
        resolve(Config(), None, Overrides())


def test_a_running_lab_is_a_context_at_its_own_pace() -> None:
    write_lab(os.getpid())
    for name in (None, "lab"):
        context = resolve(Config(), name, Overrides())
        assert (context.name, context.speed, context.synthetic) == ("lab", 60.0, True)
        assert context.poll_interval == 1.0
        assert context.runbooks == (config.shipped("runbooks"),)


def test_a_lab_whose_owner_is_gone_is_no_context() -> None:
    write_lab(2**22 + 12345)
    assert config.running_lab() is None
    with pytest.raises(UsageError, match="no lab is running"):
        resolve(Config(), "lab", Overrides())


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"speed": "x"}'])
def test_a_broken_lab_file_is_no_lab(content: bytes) -> None:
    config.lab_file().parent.mkdir(parents=True)
    config.lab_file().write_bytes(content)
    assert config.running_lab() is None


def test_the_environment_separates_several_with_commas() -> None:
    read = from_environment(
        {"COCKPIT_PROMETHEUS": "http://a, http://b,", "COCKPIT_RUNBOOKS": "x", "OTHER": "y"}
    )
    assert read == Overrides(prometheus=("http://a", "http://b"), runbooks=("x",))


def test_runbooks_and_scenarios_are_shipped() -> None:
    assert (config.shipped("scenarios") / "rules").is_dir()
    assert config.shipped("runbooks").is_dir()


@pytest.mark.parametrize(
    "url",
    ["admin:hunter2@prom:9090", "ws://admin:hunter2@prom", "ws://a:hun@hunter2@b", "WS://a:hunter2\n@b"],
)
def test_a_url_that_cannot_be_used_is_told_without_its_credentials(url: str) -> None:
    with pytest.raises(UsageError, match=r"--prometheus .*\*\*\*@") as caught:
        resolve(Config(), None, Overrides(prometheus=(url,)))
    assert "hunter2" not in str(caught.value)


def test_a_bad_url_of_the_environment_names_its_variable() -> None:
    overrides = Overrides(prometheus=("nonsense",), environment=frozenset({"prometheus"}))
    with pytest.raises(UsageError, match=r"^COCKPIT_PROMETHEUS 'nonsense'"):
        resolve(Config(), None, overrides)


def test_what_is_shipped_is_a_contexts_own_only_where_it_is_named_or_in_a_lab() -> None:
    urls = Overrides(prometheus=("http://p",))
    assert resolve(Config(), None, urls).own_folders == ()
    named = replace(urls, runbooks=(str(shipped("runbooks")),))
    assert resolve(Config(), None, named).own_folders == (shipped("runbooks"),)
    both = (shipped("runbooks"), shipped("scenarios"))
    assert Context(runbooks=both[:1], scenarios=both[1], stand_ins=both, sink="http://s").own_folders == both
