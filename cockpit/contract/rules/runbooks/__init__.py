"""Runbooks: can whoever opens one act on it, and is it still true?"""
