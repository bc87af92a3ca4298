"""Forms of a report for other programs. Pure."""
