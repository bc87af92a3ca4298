import pytest

from tests.contract.healthy import Team
from tests.contract.live.servers import Servers


@pytest.fixture
def servers(team: Team) -> Servers:
    """Servers that agree with the team's files."""
    return Servers(team)
