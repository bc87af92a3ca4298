"""The grouping key that everything pushed by a scenario has."""

JOB = "relay_synth"
"""The `job` label of everything pushed; the label `synthetic` holds the scenario's name."""


def grouping_of(scenario: str) -> dict[str, str]:
    """Return the grouping key under which `scenario` is pushed."""
    return {"job": JOB, "synthetic": scenario}
