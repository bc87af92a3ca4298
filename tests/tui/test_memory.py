"""A long run keeps no more memory than it needs."""

import subprocess
import sys

import pytest

CODE = """
import sys
from cockpit.tui import memory

def resident():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) // 1024

memory.separate()
start = resident()
kept = []
for _ in range(6):
    body = bytearray(16 << 20)
    del body
    body = bytearray(12 << 20)
    kept.append(bytearray(1000))
    del body
assert resident() - start < 4, resident() - start

class Ring:
    def __init__(self):
        self.ring, self.ballast = self, [bytes(400) for _ in range(100)]

import gc
gc.disable()
rings = [Ring() for _ in range(1000)]
full = resident()
del rings
memory.collect()
assert full - resident() > 20, (full, resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_is_free_goes_back_to_the_system() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
