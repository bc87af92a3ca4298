"""The actions of the templates in alerts."""

import re

# No character is looked at twice: a text may be long, and its braces may never close.
ACTION = re.compile(r"\{\{-?+\s*+((?:[^{}\s]++|\s++(?!-?\}\})|\}(?!\})|\{(?!\{))*+)\s*+-?+\}\}")
"""`{{ ... }}`, and what stands in it."""
