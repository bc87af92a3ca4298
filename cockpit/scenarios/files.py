"""Scenario files: finding them, and reading one with errors that name file, line and key."""

from cockpit.scenarios.model import Scenario
from cockpit.yaml_file import YamlFiles

SCENARIOS = YamlFiles(
    "scenario", "synthetic", Scenario, tags=("counter", "gauge", "histogram", "fires", "quiet")
)
"""The scenario files of a context."""

names = SCENARIOS.names
path_of = SCENARIOS.path_of
find = SCENARIOS.find
read = SCENARIOS.read
parse = SCENARIOS.parse
