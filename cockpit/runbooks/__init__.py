"""Runbooks: Markdown files read, linked to alerts, bound to their labels, and cut into blocks to draw."""
