"""The proofs of a repository's scenarios, by promtool, against its own rules."""

from cockpit.contract.repository import Repository
from cockpit.errors import CockpitError, UsageError
from cockpit.scenarios.proof import promtool
from cockpit.scenarios.proof.prove import Proof, prove_all


async def prove(repository: Repository) -> tuple[dict[str, Proof], str]:
    """Return a proof of each scenario, by its path, or why there are none, as one sentence."""
    scenarios = [entry.scenario for entry in repository.scenarios]
    if not scenarios or not repository.rule_files:
        return {}, ""
    try:
        proofs = await prove_all(scenarios, repository.graph, program=promtool.find())
    except UsageError as error:
        # Its remedy is a flag of `cockpit scenario prove`.
        return {}, f"the scenarios are not proven: {error.message}"
    except CockpitError as error:
        return {}, f"the scenarios are not proven: {error}"
    return {entry.file.path: proof for entry, proof in zip(repository.scenarios, proofs, strict=True)}, ""
