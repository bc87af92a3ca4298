"""What the exercises of this machine say of a repository's alerts."""

from cockpit.contract.repository import Repository
from cockpit.drills import history
from cockpit.drills.coverage import Covered, covered
from cockpit.drills.digests import digests_of


def drilled(repository: Repository) -> tuple[Covered, ...]:
    """Return how each alert was covered last; none where no exercise is on record. Journals are read."""
    if not repository.drills or not (exercises := history.exercises()):
        return ()
    alerts = sorted({alert.name for alert in repository.real_alerts})
    return covered(digests_of(alerts, repository.graph, repository.library), alerts, exercises)
