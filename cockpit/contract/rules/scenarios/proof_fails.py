"""Scenario whose proof fails.

Evaluated by promtool against the rule files as they are, the scenario does not make its alert fire, resolve,
or stay quiet as it says. Either the rule is wrong, and the alert would not have fired in the night that it
matters, or the scenario no longer describes that night.

**Remedy.** `cockpit scenario prove NAME` says why; mend the rule or the scenario.
"""

from collections.abc import Iterator

from cockpit.contract.model import Key, Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each expectation that was not proven."""
    for entry in repository.scenarios:
        proof = repository.proofs.get(entry.file.path)
        if proof is None or proof.passed:
            continue
        if not proof.findings:
            yield Problem(
                at=entry.at("name"),
                message=f"{entry.scenario.name} expects nothing, so that nothing is proven",
                remedy="add under `expect` which alert it makes fire",
            )
        for number, found in enumerate(proof.findings):
            if not found.passed:
                keys: list[Key] = [(kind, found.alert) for kind in ("alert", "alert-name", "labels")]
                yield Problem(
                    at=entry.at("expect", number, "alert" if found.kind == "fires" else "quiet"),
                    message=f"{entry.scenario.name} is not proven: {found.alert} {found.sentence}",
                    remedy="mend the rule or the scenario; `cockpit scenario prove` says more",
                    rests_on=frozenset([*keys, ("rules",)]),
                )
