"""One module a screen; base.py has what all of them share."""
