"""Scored tabletop exercises: what a drill is, its running, what is verified in it, its score and report.

One running of a drill is an exercise. Its truth is its own journal: state, score and report are folds of it.
"""
