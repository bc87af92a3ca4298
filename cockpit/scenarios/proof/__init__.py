"""Proving a scenario offline: compiled to a promtool test, run against rule files, and explained."""
