"""Drills whose every text is a payload: files, and the journal of an exercise that somebody else wrote."""

import time
from pathlib import Path
from typing import Any

from cockpit.drills import events
from cockpit.drills.model import Drill
from cockpit.drills.state import Mode, Plan
from cockpit.journal.journal import Journal
from tests.pty.hostile_play import NAME, STEM, as_yaml
from tests.pty.payloads import ALL, CONTROLS, MAIN, MARKUP, SHORT

EXERCISE = "20261121-163000-3f2a"
DRILL: dict[str, Any] = {
    "name": NAME,
    "title": f"title {ALL}",
    "brief": f"brief {ALL}",
    "rubric": {1: f"A{SHORT}", 0: f"F{SHORT}"},
    "pass": 1,
    "phases": [
        {
            "name": f"Fires{SHORT}",
            "limit": "1h",
            "brief": f"brief {ALL}",
            "verify": [
                {"firing": MAIN, "labels": {"evil": ALL}},
                {"notified": f"receiver{SHORT}", "alert": MAIN, "carrying": ["summary"]},
            ],
            "debrief": ALL,
        },
        {
            "name": f"Triage{SHORT}",
            "limit": "10h",
            "brief": f"brief {ALL}",
            "operator": [
                {"opened": f"runbook{SHORT}"},
                {"answer": f"Which code? {ALL}", "accept": [ALL]},
                {"choice": f"Which one? {ALL}", "of": [SHORT, ALL], "accept": [ALL]},
            ],
            "hints": [f"hint {ALL}", SHORT],
            "debrief": f"debrief {ALL}",
        },
        {"name": SHORT, "limit": "1h", "operator": [{"decision": ALL}]},
    ],
    "debrief": f"debrief {ALL}",
}


def hostile_drills(folder: Path) -> None:
    """Write drills: one that can be run, one that cannot be read, one whose file name is a payload."""
    at = folder / "drills"
    at.mkdir(parents=True)
    (at / f"{NAME}.yaml").write_text(as_yaml(DRILL))
    (at / "broken.yaml").write_text(as_yaml({**DRILL, "name": "broken", f"key{SHORT}": ALL}))
    (at / f"{STEM}.yaml").write_text(as_yaml({**DRILL, "name": SHORT}))


def hostile_exercise(state: Path, gateway: str) -> None:
    """Write the journal of an exercise that was interrupted while it waited for its operator."""
    journal = Journal(state / "drills" / f"{EXERCISE}.jsonl", now=lambda: time.time() - 60)
    who: dict[str, Any] = {"operators": (ALL, SHORT), "facilitator": f"Kim {ALL}"}
    plan = Plan(context=f"context{SHORT}", gateway=gateway, mode=Mode.FACILITATED, sink=True, **who)
    journal.append(events.PLANNED, drill=Drill.model_validate(DRILL).document(), plan=plan)
    journal.append(events.BEGUN)
    journal.append(events.PHASE_BEGUN, phase=1)
    seen: dict[str, Any] = {"labels": {f"l{SHORT}": ALL}, f"key{SHORT}": [ALL], "text": f"{ALL}\n{ALL}"}
    for condition, outcome in enumerate(("passed", "inconclusive")):
        journal.append(
            events.SEEN, phase=1, condition=condition, outcome=outcome, said=f"said {ALL}", evidence=seen
        )
    journal.append(events.PHASE_ENDED, phase=1, cause=ALL)
    journal.append(events.SCORED, phase=1, points=0.5, reason=ALL, by=ALL)
    journal.append(events.PHASE_BEGUN, phase=2)
    journal.append(events.WAITING, phase=2)
    for text in (*CONTROLS, *MARKUP):
        journal.append(events.NOTE, text=text, by=text)
    journal.append(events.DONE, what="opened", runbook=ALL)
    journal.append(events.DONE, what="ran_query", query=ALL)
    journal.append(events.ANSWERED, phase=2, task=1, text=f"wrong {ALL}")
    journal.append(events.HINT, phase=2)
    journal.append(events.ACTION_ITEM, text=f"mend {ALL}", owner=ALL)
    with journal.path.open("ab") as file:
        file.write(b'{"at": 1, "kind": "operator.note", "data": {"text": "\x1b[2J\n' + ALL.encode() + b"\n")
