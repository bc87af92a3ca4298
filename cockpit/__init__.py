"""A terminal cockpit for whoever is on call."""

__version__ = "0.1.0"
