"""A runbook's queries, bound to an alert, answered and drawn."""
