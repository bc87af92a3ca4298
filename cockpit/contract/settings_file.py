"""The file of a team's settings: `.cockpit.toml`, with a table `[check]`."""

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, ClassVar

from cockpit import toml_file
from cockpit.contract.rule import all_rules, meant
from cockpit.contract.settings import Settings
from cockpit.files import FileError

NAME = ".cockpit.toml"


@dataclass(frozen=True, kw_only=True)
class _File:
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    check: Settings = field(default_factory=Settings)


def find(folder: Path) -> Path | None:
    """Return the settings of `folder`: its own file, or the nearest one above it in the same repository."""
    above = [folder, *folder.parents]
    repository = next((at for at, each in enumerate(above) if (each / ".git").exists()), 0)
    return next((each / NAME for each in above[: repository + 1] if (each / NAME).is_file()), None)


def load(path: Path, base: Settings | None = None) -> Settings:
    """Return the settings of a file; where it is silent, those of `base`. Raises FileError."""
    try:
        found, data = toml_file.load("settings", path, _File)
    except FileError as error:
        if error.problem != "unknown key":
            raise
        table, _, name = error.key.rpartition(".")
        hint = meant(name, [each.name for each in fields(Settings if table else _File)])
        raise FileError("settings", path, f"unknown key{hint}", line=error.line, key=error.key) from error
    known = {name for rule in all_rules() for name in (rule.id, f"{rule.category}/*")}
    for name in found.check.severity:
        if name not in known:
            line = toml_file.line_of(path.read_text(encoding="utf-8"), [name])
            problem = f"there is no rule {name!r}{meant(name, known)}"
            raise FileError("settings", path, problem, line=line, key="check.severity")
    given = {key: getattr(found.check, key) for key in data.get("check", {})}
    return replace(base or Settings(), **given)
