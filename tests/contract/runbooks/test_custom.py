from pathlib import Path

from tests.contract.healthy import RUNBOOK, Team

BARE = RUNBOOK.replace("owner: shop-team\n", "").replace("## Post-Incident\n\nWrite what happened.\n", "")


def _messages(tmp_path: Path, *, bare: int, whole: int) -> list[str]:
    books = {f"runbooks/b{n:02}.md": BARE for n in range(bare)} | {
        f"runbooks/w{n:02}.md": RUNBOOK for n in range(whole)
    }
    return [
        each.message
        for each in Team(tmp_path, {**books}).report().findings
        if each.rule in {"runbooks/no-owner", "runbooks/missing-section"}
    ]


def test_what_nearly_all_runbooks_lack_is_said_once(tmp_path: Path) -> None:
    assert _messages(tmp_path, bare=18, whole=2) == [
        "hardly any runbook has the section post-incident",
        "hardly any runbook names an owner",
    ]


def test_what_some_lack_is_said_of_each(tmp_path: Path) -> None:
    assert len(_messages(tmp_path / "several", bare=10, whole=2)) == 20
    assert len(_messages(tmp_path / "few", bare=9, whole=0)) == 18
