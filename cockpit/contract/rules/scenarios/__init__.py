"""Scenarios: is each alert known to fire when it must?"""
