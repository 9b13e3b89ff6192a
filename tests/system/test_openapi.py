"""schemathesis, which knows nothing of the program, holds the server to its own API description."""

import pathlib
import subprocess
import sys

from rankloop_process import Server, environment

EXAMPLES = 30
CONFIG = pathlib.Path(__file__).with_name("schemathesis.toml")


def test_the_server_keeps_its_own_description(seeded_data, tmp_path):
    with Server(copy_of=seeded_data) as server:
        outcome = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run",
             f"{server.url}/openapi.json", "--max-examples", str(EXAMPLES),
             "--generation-deterministic", "--continue-on-failure", "--no-color", "--request-timeout", "40"],
            env=environment(), cwd=tmp_path, capture_output=True, text=True, timeout=900, check=False)
        assert outcome.returncode == 0, outcome.stdout[-20000:] + outcome.stderr[-2000:]
        assert server.running
