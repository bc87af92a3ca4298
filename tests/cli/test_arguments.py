"""What is wrong with an argument is said in one line, without the credentials in it."""

import os
import subprocess
import sys
from typing import Any

import pytest

BROKEN = b"\xff"


@pytest.mark.parametrize(
    "args",
    [
        [b"query", b'up{a="' + BROKEN + b'"}', b"--prometheus", b"http://127.0.0.1:1"],
        [b"alerts", b"--alertmanager", b"http://me:" + BROKEN + b"@127.0.0.1:1"],
    ],
)
def test_an_argument_of_broken_bytes_is_a_usage_error(environment: dict[str, str], args: list[bytes]) -> None:
    command = [os.fsencode(sys.executable), b"-m", b"cockpit", *args]
    ran = subprocess.run(command, check=False, env=environment, capture_output=True, timeout=30)
    assert ran.returncode == 2, ran.stderr
    assert ran.stderr.count(b"\n") == 1


@pytest.mark.parametrize("given", ["flag", "environment"])
def test_a_bad_url_names_where_it_stands_and_hides_credentials(run: Any, given: str) -> None:
    url = "ws://admin:hunter2@prom"
    ran = run("alerts", "--prometheus", url) if given == "flag" else run("alerts", COCKPIT_PROMETHEUS=url)
    assert ran.code == 2
    assert ("COCKPIT_PROMETHEUS" in ran.err) == (given == "environment")
    assert "--prometheus" in ran.err or given == "environment"
    assert "ws://***@prom" in ran.err
    assert "hunter2" not in ran.err + ran.out
