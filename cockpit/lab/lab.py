"""A lab: its servers brought up together, watched, and taken down with whoever started them.

One lab per state folder. Its starter holds a lock on it for as long as it lives, so a lab whose starter is
gone is known from one that runs; the children end with the starter by themselves (cockpit.lab.keeper).
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import json

from cockpit import config
from cockpit.config import LabFile
from cockpit.errors import CockpitError, UsageError
from cockpit.files import read_regular, read_text, write_whole
from cockpit.lab import processes, scale, servers
from cockpit.lab.keeping import Keeping
from cockpit.lab.servers import LOOPBACK, Child
from cockpit.text import one_line

READY_WITHIN = 15.0
"""Seconds that the servers get to become ready; on a quiet machine they need half a second."""

_TRIES = 3
_MAX_BYTES = 2**20
"""Bytes of a rule file or an Alertmanager config, at most."""


def _quiet(message: str) -> None:
    """Say nothing."""


def require_speed(speed: float) -> None:
    """Raise UsageError for a speed that no lab has."""
    if not 1 <= speed <= 1000:
        raise UsageError(f"--speed {speed:g}", remedy="it lies between 1 and 1000")


class Lab:
    """The servers of one lab, brought up by `up` and taken down by `down`; a context manager does both.

    `players` are more children to start, given the servers' URLs by name. `say` is told, a line at a time,
    what happens. Every failure is a CockpitError with one line that carries the failing server's own words.
    """

    def __init__(
        self,
        *,
        speed: float = 1.0,
        external_labels: Mapping[str, str] | None = None,
        rules: Path | None = None,
        players: Callable[[Mapping[str, str], Path], tuple[Child, ...]] = lambda urls, folder: (),
        say: Callable[[str], None] = _quiet,
    ) -> None:
        require_speed(speed)
        self.speed = speed
        self.external_labels = external_labels
        self.rules = rules or config.shipped("scenarios") / "rules"
        self.players = players
        self.say = say
        self.file: LabFile | None = None
        self._keeping: Keeping | None = None
        self._data: Path | None = None
        self._lock: int | None = None
        self._path = config.lab_file()

    def up(self) -> LabFile:
        """Start everything, wait until it is ready, and write the lab's file."""
        programs = servers.find()
        self._path = config.lab_file()
        folder = self._path.parent
        try:
            self._take(folder)
            self.file = self._started(programs, folder)
            write_whole(self._path, json.encode(self.file))
        except OSError as error:
            self.down()
            where = one_line(str(error.filename or folder), 300)
            remedy = "free some space there, or name another folder in COCKPIT_STATE_DIR"
            raise CockpitError(f"lab: {where}: {error.strerror}", remedy=remedy) from error
        except BaseException:
            self.down()
            raise
        return self.file

    def down(self) -> None:
        """Stop everything that `up` started, and remove what it wrote. Does nothing when nothing runs."""
        if self._keeping is not None:
            self._keeping.close()
            self._keeping = None
        if self._data is not None:
            shutil.rmtree(self._data, ignore_errors=True)
            self._data = None
        if self._lock is not None:
            if self.file is not None:
                self._path.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None
        self.file = None

    def wait(self, timeout: float | None = None) -> str | None:
        """Wait until a child ends by itself, and say which and why; None after `timeout` seconds without."""
        if self._keeping is None:
            return None
        return self._keeping.ended(timeout)

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    def _take(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        if not _locked(lock):
            os.close(lock)
            running = config.running_lab()
            where = f" at {running.prometheus}, pid {running.owner_pid}" if running else ""
            remedy = "look at it with `cockpit --context lab`, or stop it with `cockpit lab down`"
            raise CockpitError(f"a lab runs already{where}", remedy=remedy)
        self._lock = lock
        clear(folder)

    def _started(self, programs: Mapping[str, str], folder: Path) -> LabFile:
        for attempt in range(1, _TRIES + 1):
            try:
                return self._try(programs, folder)
            except PortTakenError as error:
                self._keeping = None
                if attempt == _TRIES:
                    raise
                self.say(f"{error.message}; trying other ports")
        raise AssertionError("unreachable")

    def _try(self, programs: Mapping[str, str], folder: Path) -> LabFile:
        if self._data is not None:
            shutil.rmtree(self._data, ignore_errors=True)
        data = self._data = Path(tempfile.mkdtemp(prefix="data-", dir=folder))
        names = ("sink", *servers.NAMES)
        ports = dict(zip(names, servers.free_ports(len(names)), strict=True))
        urls = {name: f"http://{LOOPBACK}:{port}" for name, port in ports.items()}
        self._write_configs(data, ports)
        children = (
            *servers.commands(programs, ports, data, speed=self.speed),
            *self.players(urls, data),
        )
        started = time.time()
        self._keeping = keeping = Keeping(children, data)
        try:
            _until_ready(keeping, children)
        except CockpitError:
            keeping.close()
            raise
        return LabFile(
            **urls,
            speed=self.speed,
            owner_pid=os.getpid(),
            pids={"keeper": keeping.pid, **keeping.pids},
            versions={name: servers.version(name, urls[name]) for name in servers.NAMES},
            started_at=started,
        )

    def _write_configs(self, data: Path, ports: Mapping[str, int]) -> None:
        rules = []
        for path in sorted(self.rules.glob("*.yml")):
            if path.name == "alertmanager.yml" or path.stem.endswith("_test"):
                continue
            text = scale.scale_rules(read_text("rules", path, _MAX_BYTES), self.speed, name=str(path))
            (data / path.name).write_text(text, encoding="utf-8")
            rules.append(path.name)
        source = self.rules / "alertmanager.yml"
        sink = f"http://{LOOPBACK}:{ports['sink']}"
        text = scale.scale_alertmanager(
            read_text("rules", source, _MAX_BYTES), self.speed, sink=sink, name=str(source)
        )
        (data / "alertmanager.yml").write_text(text, encoding="utf-8")
        text = scale.prometheus_config(
            speed=self.speed,
            rule_files=tuple(rules),
            pushgateway=f"{LOOPBACK}:{ports['pushgateway']}",
            alertmanagers=(f"{LOOPBACK}:{ports['alertmanager']}",),
            prometheus=f"{LOOPBACK}:{ports['prometheus']}",
            external_labels=self.external_labels,
        )
        (data / "prometheus.yml").write_text(text, encoding="utf-8")


class PortTakenError(CockpitError):
    """Another process took a free port before the server could."""


def _until_ready(keeping: Keeping, children: tuple[Child, ...]) -> None:
    waiting = {child.name: child.url for child in children if child.url is not None}
    deadline = time.monotonic() + READY_WITHIN
    while waiting:
        if (end := keeping.ended(0.02)) is not None:
            raise PortTakenError(end) if "address already in use" in end.lower() else CockpitError(end)
        waiting = {name: url for name, url in waiting.items() if not servers.is_ready(url)}
        if waiting and time.monotonic() > deadline:
            said = "; ".join(filter(None, (keeping.words(name) for name in waiting)))
            late = f"{' and '.join(waiting)} not ready after {READY_WITHIN:g} s"
            raise CockpitError(f"{late}: {said}" if said else late)


def clear(folder: Path) -> None:
    """Remove what an earlier lab left in `folder`, after ending what still runs of it. Needs the lock."""
    left = config.lab_file()
    if left.is_file():
        try:
            pids = json.decode(read_regular(left, config.MAX_BYTES), type=LabFile).pids
        except (OSError, ValueError):
            pids = {}
        processes.end({pid for pid in pids.values() if processes.works_in(pid, folder)})
        left.unlink(missing_ok=True)
    for data in folder.glob("data-*"):
        shutil.rmtree(data, ignore_errors=True)


def running() -> LabFile | None:
    """Return the lab that runs now in the state folder, by the lock its starter holds; None without one."""
    folder = config.lab_file().parent
    try:
        lock = os.open(folder / "lock", os.O_RDWR)
    except OSError:
        return None
    try:
        return None if _locked(lock) else config.running_lab()
    finally:
        os.close(lock)


def _locked(descriptor: int) -> bool:
    """Take the lock, and say whether it could be had. One that only looks at it holds it for an instant."""
    for _ in range(5):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            return True
    return False


def take_down(timeout: float = 10.0) -> LabFile | None:
    """Stop the lab that runs now, whoever started it, and return what it was; None when none runs.

    What a lab whose starter is gone left behind is removed. Raises CockpitError when it does not stop.
    """
    lab = running()
    folder = config.lab_file().parent
    if lab is None:
        if folder.is_dir():
            clear(folder)
        return None
    processes.end({lab.owner_pid}, timeout=timeout)
    remaining = processes.end({pid for pid in lab.pids.values() if processes.works_in(pid, folder)})
    if running() is not None or remaining:
        raise CockpitError(f"the lab of pid {lab.owner_pid} does not stop")
    clear(folder)
    return lab
