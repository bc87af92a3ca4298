"""Contract: alerts, runbooks, metrics, scenarios and drills agree, or it is said where they do not."""
