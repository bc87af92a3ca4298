"""Synthetic scenarios: the file format, its series over time, and playing them through a Pushgateway."""
