"""Drills: has anybody handled each alert before the night that it matters?"""
