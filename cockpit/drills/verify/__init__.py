"""What the machine verifies in a drill: one look at all servers, and what it says of each condition."""

from cockpit.drills.verify.explain import explain
from cockpit.drills.verify.judge import judge
from cockpit.drills.verify.look import look, silenced_lately
from cockpit.drills.verify.looked import Look

__all__ = ["Look", "explain", "judge", "look", "silenced_lately"]
