"""schemathesis, which knows nothing of the program, holds servers to their own API descriptions."""

import pathlib
import sys

import pytest

from conftest import GUEST_TOKEN, TOKEN, tool
from rankloop_process import ROOT, Server

EXAMPLES = 10
SECONDS = 45
CONFIG = pathlib.Path(__file__).with_name("schemathesis.toml")
HOOKS = CONFIG.with_name("schemathesis_hooks.py")
TOKENS = {"RANKLOOP_AUTH_TOKEN": TOKEN, "RANKLOOP_AUTH_GUEST_TOKEN": GUEST_TOKEN}


def keeps_its_description(server, tmp_path, *options):
    outcome = tool(sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIG, "run",
                   f"{server.url}/openapi.json", "--max-examples", EXAMPLES, "--max-time", SECONDS,
                   "--generation-deterministic", "--continue-on-failure", "--no-color", "--request-timeout", 40,
                   *options, cwd=tmp_path, seconds=900, env={"SCHEMATHESIS_HOOKS": str(HOOKS)})
    assert outcome.returncode == 0, outcome.stdout[-20000:] + outcome.stderr[-2000:]
    assert server.running


def test_the_server_keeps_its_own_description(seeded_data, tmp_path):
    with Server(copy_of=seeded_data) as server:
        keeps_its_description(server, tmp_path)


@pytest.mark.parametrize("token", [TOKEN, GUEST_TOKEN])
def test_a_server_that_asks_for_a_token_keeps_its_description(seeded_data, tmp_path, token):
    with Server(copy_of=seeded_data, env=TOKENS) as server:
        # Who shows many wrong tokens is slowed down with 429, where this check knows 401 and 403 alone.
        keeps_its_description(server, tmp_path, "-H", f"Authorization: Bearer {token}", "--exclude-checks", "ignored_auth")


def test_a_server_of_another_domain_keeps_its_description(tmp_path):
    with Server("--domain", ROOT / "domain/flights.toml", "--empty") as server:
        keeps_its_description(server, tmp_path)
