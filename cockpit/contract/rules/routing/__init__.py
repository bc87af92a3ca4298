"""Routing: do the conditions of the Alertmanager configuration mean the alerts that there are?"""
