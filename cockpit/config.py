"""Which servers, folders and habits a context has: the config file, the environment and the flags.

A flag wins over the environment, which wins over the file. A running lab is the context `lab`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import platformdirs
from msgspec import Struct, json

from cockpit import toml_file
from cockpit.config_fields import INTERNAL, Seconds, Url, endpoint, shown_url
from cockpit.errors import UsageError
from cockpit.files import FileError, read_regular

LAB = "lab"
MAX_BYTES = 2**20
"""Bytes of a lab's file at most."""

_PACKAGE = Path(__file__).parent
_STRICT: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class Context:
    """One installation to look at. Durations are seconds; folders are absolute once loaded.

    `name`, `speed`, `sink` and `stand_ins` are no keys of a file: a lab's clock, the URL that takes its
    notifications, and the shipped folders that stand in for those that nobody named.
    `synthetic` lets scenarios be played there; `read_only` forbids every command that writes to a server.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    name: Annotated[str, INTERNAL] = "default"
    prometheus: tuple[Url, ...] = ()
    alertmanager: tuple[Url, ...] = ()
    pushgateway: Url | None = None
    http_config: Path | None = None
    headers: dict[str, str] = field(default_factory=dict)
    runbooks: tuple[Path, ...] = ()
    scenarios: Path | None = None
    runbook_annotations: tuple[str, ...] = ("runbook_url", "runbook")
    runbook_paths: dict[str, str] = field(default_factory=dict)
    watchdog: str = "Watchdog"
    ignore_labels: tuple[str, ...] = ()
    read_only: bool = False
    synthetic: bool = False
    poll_interval: Seconds = 5.0
    timeout: Seconds = 10.0
    undelivered_after: Seconds = 60.0
    speed: Annotated[float, INTERNAL] = 1.0
    sink: Annotated[str | None, INTERNAL] = None
    stand_ins: Annotated[tuple[Path, ...], INTERNAL] = ()

    @property
    def stale_after(self) -> float:
        """Seconds after which an answer is stale: three polls, or a poll and a timeout if that is longer."""
        return max(3 * self.poll_interval, self.poll_interval + self.timeout)

    @property
    def own_folders(self) -> tuple[Path, ...]:
        """The folders that speak of these servers, each once; what stands in for one does in a lab alone."""
        folders = dict.fromkeys((*self.runbooks, *([self.scenarios] if self.scenarios else [])))
        own = tuple(folder for folder in folders if folder not in self.stand_ins)
        return own or (tuple(folders) if self.sink else ())


@dataclass(frozen=True, kw_only=True)
class Ui:
    """How the TUI looks and sounds. `keys` maps a binding's id onto the keys that press it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    theme: str = "textual-dark"
    ascii: bool | None = None
    bell: Literal["off", "on", "critical", "warning"] = "off"
    group_by: str = ""
    keys: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Config:
    """A whole config file, and where it is."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    default: str | None = None
    contexts: dict[str, Context] = field(default_factory=dict)
    ui: Ui = field(default_factory=Ui)
    path: Annotated[Path | None, INTERNAL] = None


class Overrides(Struct, frozen=True, kw_only=True):
    """What flags and the environment say of the context; empty where they are silent.

    `environment` names those that it gave.
    """

    prometheus: tuple[str, ...] = ()
    alertmanager: tuple[str, ...] = ()
    pushgateway: str | None = None
    runbooks: tuple[str, ...] = ()
    scenarios: str | None = None
    environment: frozenset[str] = frozenset()


class LabFile(Struct, frozen=True, kw_only=True):
    """What a running lab writes of itself, for other processes to find it. `pids` are by server name."""

    prometheus: str
    alertmanager: str
    pushgateway: str
    sink: str
    speed: float
    owner_pid: int
    pids: dict[str, int]
    versions: dict[str, str]
    started_at: float


def state_dir() -> Path:
    """Return the folder for what the cockpit keeps between runs; COCKPIT_STATE_DIR moves it."""
    return Path(os.environ.get("COCKPIT_STATE_DIR") or platformdirs.user_state_dir("cockpit"))


def config_file() -> Path:
    """Return where the config file is looked for when no flag names one; COCKPIT_CONFIG moves it."""
    named = os.environ.get("COCKPIT_CONFIG")
    return Path(named) if named else Path(platformdirs.user_config_dir("cockpit")) / "config.toml"


def shipped(folder: str) -> Path:
    """Return the project's own `runbooks` or `scenarios`: beside the checkout, or inside the wheel."""
    installed = _PACKAGE / "shipped" / folder
    return installed if installed.is_dir() else _PACKAGE.parent / folder


def load(path: Path | None = None) -> Config:
    """Read the config file; without one at the default place, an empty Config.

    Raises FileError for a file that cannot be used.
    """
    chosen = path or config_file()
    if path is None and not chosen.is_file():
        return Config()
    config, _ = toml_file.load("config", chosen, Config)
    if config.default is not None and config.default not in (*config.contexts, LAB):
        raise FileError("config", chosen, f"there is no context {config.default!r}", key="default")
    contexts = {name: _absolute(c, name, chosen.parent) for name, c in config.contexts.items()}
    return replace(config, contexts=contexts, path=chosen)


def _absolute(context: Context, name: str, base: Path) -> Context:
    def at(path: Path) -> Path:
        return (base / path.expanduser()).absolute()

    return replace(
        context,
        name=name,
        http_config=at(context.http_config) if context.http_config else None,
        runbooks=tuple(at(p) for p in context.runbooks),
        scenarios=at(context.scenarios) if context.scenarios else None,
    )


def lab_file() -> Path:
    """Return the file in which a running lab describes itself."""
    return state_dir() / LAB / "lab.json"


def running_lab() -> LabFile | None:
    """Return the lab that runs now, or None: no file, an unreadable one, or an owner that is gone."""
    try:
        lab = json.decode(read_regular(lab_file(), MAX_BYTES), type=LabFile)
        os.kill(lab.owner_pid, 0)
    except PermissionError:
        return lab
    except (OSError, ValueError):
        return None
    return lab


def lab_context(lab: LabFile) -> Context:
    """Return the context that looks at `lab`: polled and judged at the lab's pace."""
    return Context(
        name=LAB,
        prometheus=(lab.prometheus,),
        alertmanager=(lab.alertmanager,),
        pushgateway=lab.pushgateway,
        synthetic=True,
        poll_interval=max(1.0, 5.0 / lab.speed),
        undelivered_after=max(3.0, 60.0 / lab.speed),
        speed=lab.speed,
        sink=lab.sink,
    )


def resolve(config: Config, name: str | None, overrides: Overrides) -> Context:
    """Return the context to use: `name`, or the config's default, or its only one, or the running lab.

    With URLs in `overrides` no context is needed. Raises UsageError when there is nothing to look at.
    """
    context = _chosen(config, name, needed=not (overrides.prometheus or overrides.alertmanager))
    changed: dict[str, Any] = {}
    for key in ("prometheus", "alertmanager"):
        if urls := getattr(overrides, key):
            changed[key] = tuple(_flag(key, url, overrides) for url in urls)
    if overrides.pushgateway:
        changed["pushgateway"] = _flag("pushgateway", overrides.pushgateway, overrides)
    runbooks = tuple(Path(p).expanduser().absolute() for p in overrides.runbooks) or context.runbooks
    scenarios = Path(overrides.scenarios) if overrides.scenarios else context.scenarios
    return replace(
        context,
        **changed,
        runbooks=runbooks or (shipped("runbooks"),),
        scenarios=scenarios or shipped("scenarios"),
        stand_ins=(
            *(() if runbooks else (shipped("runbooks"),)),
            *(() if scenarios else (shipped("scenarios"),)),
        ),
    )


def _flag(name: str, url: str, overrides: Overrides) -> str:
    try:
        return endpoint(url)
    except ValueError as error:
        given = f"COCKPIT_{name.upper()}" if name in overrides.environment else f"--{name}"
        raise UsageError(f"{given} {shown_url(url)!r}: {error}") from error


def _chosen(config: Config, name: str | None, *, needed: bool) -> Context:
    wanted = name or (config.default if needed else None)
    if wanted is None and needed and len(config.contexts) == 1:
        wanted = next(iter(config.contexts))
    if wanted is not None and wanted in config.contexts:
        return config.contexts[wanted]
    lab = running_lab() if wanted in (None, LAB) and (needed or wanted) else None
    if lab is not None:
        return lab_context(lab)
    if wanted == LAB:
        raise UsageError("no lab is running", remedy="start one with `cockpit lab up`")
    if wanted is not None:
        known = ", ".join(sorted(config.contexts)) or "none"
        raise UsageError(f"there is no context {wanted!r}", remedy=f"known contexts: {known}")
    if needed:
        where = config.path or config_file()
        raise UsageError(
            "nothing to look at",
            remedy=f"pass --prometheus and --alertmanager, write {where}, or try `cockpit demo`",
        )
    return Context()


def from_environment(env: Mapping[str, str] = os.environ) -> Overrides:
    """Return what the COCKPIT_* variables say; several URLs or folders are separated by commas."""

    def several(key: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in env.get(key, "").split(",") if part.strip())

    return Overrides(
        prometheus=several("COCKPIT_PROMETHEUS"),
        alertmanager=several("COCKPIT_ALERTMANAGER"),
        pushgateway=env.get("COCKPIT_PUSHGATEWAY") or None,
        runbooks=several("COCKPIT_RUNBOOKS"),
        scenarios=env.get("COCKPIT_SCENARIOS") or None,
    )
