import time

import pytest

from cockpit.contract.read import read
from cockpit.contract.settings import Settings
from tests.contract.healthy import Team

BOOK = "runbooks/shop-errors.md"
COMMAND = "shopctl restart --all"


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("echo a\necho 'b\necho c", "echo 'b"),
        ("echo a\nif true; then echo b", "if true"),
        ("echo a\necho (b)", "echo (b)"),
        ("echo a |", "echo a |"),
        ("echo a\nif true; then\n  echo b\n  for x in 1; do echo; done\n", "if true"),
        ("echo a\nif true; then echo $(date\nfor x in $(ls); do\n  ls\ndone\nls b", "if true"),
        ("for x in 1; do\n  if true; then echo b; fi\necho c", "for x in 1"),
        ("for x in 1 2; do\n  echo $x\nfi", "fi\n"),
        ("\n\necho a\necho )", "echo )"),
    ],
)
def test_code_that_bash_cannot_parse(team: Team, code: str, line: str) -> None:
    team.change(BOOK, COMMAND, code)

    assert team.found() == [("runbooks/bad-shell", BOOK, team.line(BOOK, line))]


def test_one_bad_command_among_many_is_found(team: Team) -> None:
    many = "\n".join(f'```bash\nfor x in $(seq {n}); do echo "it\'s $x"; done\n```\n' for n in range(40))
    team.change(BOOK, "Nobody can buy.", f"{many}\n```sh\necho 'open\n```\n\n{many}")

    assert team.found() == [("runbooks/bad-shell", BOOK, team.line(BOOK, "'open"))]


def test_two_open_quotes_do_not_close_each_other(team: Team) -> None:
    team.change(BOOK, COMMAND, "echo 'one\n```\n\n```bash\necho 'two")

    assert [line for *_, line in team.found()] == [team.line(BOOK, "'one"), team.line(BOOK, "'two")]


@pytest.mark.parametrize(
    "code",
    [
        "kubectl logs <pod> -n <the pod's namespace>",
        "kubectl logs <pod>",
        "kubectl get pod {{ .Labels.pod }} -o go-template='{{range .items}}{{\"\\n\"}}{{end}}'",
        "curl -X POST ...",
        "rm !(keep)",
        "diff <(ls a) <(ls b)",
        "cat <<EOF\nit's\nEOF",
        "grep -c 'it' < in > out",
        "# don't",
        "if true; then\n  echo\nfi",
    ],
)
def test_code_that_parses_once_its_reader_has_filled_it_in(team: Team, code: str) -> None:
    team.change(BOOK, COMMAND, code)

    assert team.found() == []


@pytest.mark.parametrize("language", ["fish", "powershell", "zsh", "text", ""])
def test_other_languages_are_not_bash(team: Team, language: str) -> None:
    team.change(BOOK, f"```bash\n{COMMAND}\n```", f"```bash\n{COMMAND}\n```\n\n```{language}\nps (a\n```")

    assert team.found() == []


def test_a_session_is_read_without_its_prompts_and_output(team: Team) -> None:
    team.change(
        BOOK,
        f"```bash\n{COMMAND}\n```",
        "```console\n$ shopctl list\nNAME (1\n$ for x in 1; do\necho $x\ndone\n1\n```\n",
    )

    assert team.found() == []


def test_a_session_with_a_mistake(team: Team) -> None:
    team.change(BOOK, f"```bash\n{COMMAND}\n```", "```console\n$ shopctl list\nNAME (1\n$ echo )\n```\n")

    assert team.found() == [("runbooks/bad-shell", BOOK, team.line(BOOK, "echo )"))]


def test_nothing_is_run(team: Team) -> None:
    team.change(
        BOOK, COMMAND, f"touch {team.folder}/ran; $(touch {team.folder}/ran)\n}}; touch /tmp/x; {{ echo"
    )

    team.found()

    assert not (team.folder / "ran").exists()


def test_without_bash_it_is_said_that_commands_were_not_looked_at(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.change(BOOK, COMMAND, "echo 'open")
    monkeypatch.setenv("PATH", str(team.folder))

    assert team.found() == []
    assert any("bash" in each for each in read([team.folder], Settings()).not_checked)


def test_no_text_keeps_it_long(team: Team) -> None:
    started = time.monotonic()
    team.change(
        BOOK,
        COMMAND,
        "\n".join(["a" * 50_000, "<" * 50_000, "{{" * 20_000, "a -" * 20_000 + "(", "'a" * 9_999]),
    )

    team.found()

    assert time.monotonic() - started < 10
