import pytest

from cockpit.contract.routing.spelling import misspelt


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("severty", "severity"),
        ("criticl", "critical"),
        ("Critical", "critical"),
        ("platfrom", "platform"),
        ("warn", "warning"),
        ("datacentre", "datacenter"),
        ("alertnmae", "alertname"),
        ("team-serach", "team-search"),
    ],
)
def test_a_slip_of_the_pen(word: str, meant: str) -> None:
    assert misspelt(word, ["other", meant]) == meant


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("critical", "critical"),
        ("team-a", "team-b"),
        ("sev1", "sev2"),
        ("region1", "region"),
        ("env", "end"),
        ("info", "none"),
        ("warning", "critical"),
        ("cluster", "cluster_id"),
        ("storage-eu", "storage-us"),
    ],
)
def test_two_words_on_purpose(word: str, other: str) -> None:
    assert misspelt(word, [other]) is None
