"""Shell code that does not parse, as `bash -n` says, which reads it and runs nothing."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from cockpit.text import one_line

_LONGEST = 30.0
_WORD = r"(?:[\w@%+=:,./~^\[\]*?-]|\\[^\n]|'[^'\n]*'|\"[^\"`$\\\n]*\"|\$\w++|\$\{\w++\})++"
_COMMAND = rf"[ \t]*+{_WORD}(?:[ \t]++{_WORD})*+[ \t]*+"
_PLAIN = re.compile(rf"(?:{_COMMAND}(?:(?:\|\|?|&&|;){_COMMAND})*+;?)?(?:[ \t]*#.*|(?<=[ \t])#.*)?")
_KEYWORD = re.compile(
    r"(?:^|[|&;])[ \t]*(?:if|then|else|elif|fi|for|while|until|do|done|case|esac|select|function|time|coproc"
    r"|in|\[\[|!)(?![\w/.-])|\\$",
    re.M,
)
_OPENS = {"if": "fi", "case": "esac", **dict.fromkeys(("for", "while", "until", "select"), "done")}
_BRACKET = re.compile(r"([()])")
_BLOCK = re.compile(
    r"(?:^|[|&;({]|\b(?:do|then|else)\b)[ \t]*(if|case|for|while|until|select|fi|esac|done)(?![\w/.-])", re.M
)
_TEMPLATE = re.compile(r"\{\{[^\n]{0,300}?\}\}|\{%[^\n]{0,300}?%\}")
_ANGLES = re.compile(r"<<?(?![\s(<&=>])(?:[^<>\n'\"`]|(?<=\w)'(?=\w)){1,120}(?<![\s<])>?>")
_DOTS = re.compile(r"\.\.\.|…")
_LINE = re.compile(r"line (\d+): (.*)")
# What is left open before it swallows no mark: each ends a string of one kind, and is an error then.
_MARKS = "\n# ' )\n# \" )\n# ` )\n"


class Trouble(Struct, frozen=True):
    """What does not parse: a line of the code, from 1, and what bash says of it."""

    line: int
    problem: str

    @property
    def open_ended(self) -> bool:
        """Say whether something is only not closed by the end."""
        return "unexpected end of file" in self.problem or "unexpected EOF" in self.problem


def bash() -> str | None:
    """Return where bash is, or None."""
    return shutil.which("bash")


def neutral(code: str) -> str:
    """Return code with words for what its reader fills in: `<pod>`, `{{ .x }}`, `...`. Lines stay."""
    return _DOTS.sub("x", _ANGLES.sub("x", _TEMPLATE.sub("x", code)))


def troubles(codes: Sequence[str]) -> dict[int, Trouble]:
    """Return what does not parse, by its index in `codes`. Without bash nothing is known, and it is empty.

    Simple commands are not asked about, and of the others many at once: a process takes longer to start
    than to read a thousand of them.
    """
    shell = bash()
    asked = {index: neutral(code) for index, code in enumerate(codes)}
    left = [index for index, code in asked.items() if not is_plain(code)]
    return dict(_among(shell, left, asked)) if shell else {}


def is_compound(code: str) -> bool:
    """Say whether code has what goes on over lines: a loop, a condition, an open line."""
    return _KEYWORD.search(code) is not None


def is_plain(code: str) -> bool:
    """Say whether code is nothing but simple commands, which certainly parse."""
    return not is_compound(code) and all(_PLAIN.fullmatch(line) for line in code.split("\n"))


def _among(shell: str, left: Sequence[int], asked: dict[int, str]) -> Iterator[tuple[int, Trouble]]:
    alone = [index for index in left if "<<" in asked[index]]
    together = [index for index in left if "<<" not in asked[index]]
    for index in alone:
        if (trouble := _parse(shell, asked[index])) is not None:
            yield index, trouble
    yield from _halves(shell, together, asked)


def _halves(shell: str, left: Sequence[int], asked: dict[int, str]) -> Iterator[tuple[int, Trouble]]:
    """Look for what does not parse in ever smaller parts."""
    if len(left) == 1:
        if (trouble := _parse(shell, asked[left[0]])) is not None:
            yield left[0], trouble
    elif left and _parse(shell, "".join(f"f() {{\n:\n{asked[each]}{_MARKS}}}\n" for each in left)):
        half = len(left) // 2
        yield from _halves(shell, left[:half], asked)
        yield from _halves(shell, left[half:], asked)


def _parse(shell: str, code: str) -> Trouble | None:
    """Return what bash says of code; extended patterns are on, as they are where people type."""
    try:
        done = subprocess.run(
            [shell, "--norc", "--noprofile", "-O", "extglob", "-n"],
            input=code.encode("utf-8", "replace"),
            capture_output=True,
            timeout=_LONGEST,
            env={"LC_ALL": "C", "PATH": "/nonexistent"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode == 0:
        return None
    found = _LINE.search(done.stderr.decode("utf-8", "replace"))
    line, problem = (int(found[1]), found[2]) if found else (1, "it does not parse")
    if "unexpected end of file" in problem:
        line = _opening(code, _BLOCK, _OPENS)
    elif "matching `)'" in problem:
        line = _opening(code, _BRACKET, {"(": ")"})
    return Trouble(min(line, code.count("\n") + 1), one_line(problem, 200).replace("`", "'"))


def _opening(code: str, marks: re.Pattern[str], ends: Mapping[str, str]) -> int:
    """Return the line where what is open at the end of code begins; the first where that is not known."""
    left: list[tuple[str, int]] = []
    for match in marks.finditer(code):
        if match[1] in ends:
            left.append((ends[match[1]], code.count("\n", 0, match.start(1)) + 1))
        elif left and left[-1][0] == match[1]:
            left.pop()
    return left[0][1] if left else 1
