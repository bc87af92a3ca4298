"""Drill files: finding them, and reading one with errors that name file, line and key."""

from cockpit.drills.model import CONDITIONS, TASKS, Drill
from cockpit.yaml_file import YamlFiles

DRILLS = YamlFiles("drill", "drills", Drill, tags=(*CONDITIONS, *TASKS))
"""The drill files of a context."""

names = DRILLS.names
path_of = DRILLS.path_of
find = DRILLS.find
read = DRILLS.read
parse = DRILLS.parse
