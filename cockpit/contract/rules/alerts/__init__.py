"""Alerts: can whoever is paged act on them?"""
