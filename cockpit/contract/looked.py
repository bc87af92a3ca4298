"""Which rules had all to look at, and at which files: of others nobody knows what they would find. Pure."""

from cockpit.contract.repository import Repository
from cockpit.contract.vocabulary import vocabulary


class Looked:
    """What the rules looked at in a repository, of which perhaps only a part was read."""

    def __init__(self, repository: Repository) -> None:
        alerts = {each.file.path for each in repository.alerts}
        servers = {each.file.path for each in repository.alertmanagers}
        self._files = {
            "alerts": alerts | servers,
            "routing": servers,
            "runbooks": {each.file.path for each in repository.runbooks},
            "queries": {each.file.path for each in repository.queries},
            "scenarios": alerts | {each.file.path for each in repository.scenarios},
            "drills": alerts | {each.file.path for each in repository.drills},
        }
        rules = bool(repository.rules) and not repository.rules_unknown
        # By category or by rule; what servers say changes from one hour to the next.
        self._lacking = {
            "live": True,
            "scenarios": not repository.proofs,
            "drills": not repository.covered,
            "queries": repository.live is not None or not rules,
            "queries/unknown-metric": vocabulary(repository).unjudged[0] > 0,
            "runbooks": not rules,
            "routing": not rules,
            "alerts/no-runbook": not repository.markdown,
            "alerts/dead-runbook": not repository.markdown,
            "alerts/default-route": not servers,
            "alerts/idle-inhibition": not servers,
        }

    def at(self, name: str, path: str) -> bool:
        """Say whether a rule, or all of a category as in `alerts/*`, looked at a file with all it needs."""
        category, _, own = name.partition("/")
        if self._lacking.get(category) or path not in self._files.get(category, {path}):
            return False
        if own == "*":
            return not any(lacks for each, lacks in self._lacking.items() if each.startswith(f"{category}/"))
        return not self._lacking.get(name)
