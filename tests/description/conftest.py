"""The API descriptions of servers of several kinds, and the tools that judge them.

The tools of npm are those of package-lock.json, installed below build/ when they are asked for first.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from rankloop_process import ROOT, Server

HERE = pathlib.Path(__file__).parent
PACKAGES = ROOT / "build/description-packages"
TOKEN = "description-token-0123456789"
GUEST_TOKEN = "description-guest-0123456789"
KINDS = ["locations", "flights", "token"]


def tool(*command, seconds=300, cwd=None, env=None):
    """Runs a tool to its end; programs of the virtual environment are found by their names."""
    path = os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run([str(word) for word in command], env={**os.environ, "PATH": path, "NO_COLOR": "1", **(env or {})},
                          cwd=cwd, timeout=seconds, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def npm_tool():
    """npm_tool(name, argument...) runs a program of the packages."""
    lock = HERE / "package-lock.json"
    installed = PACKAGES / "installed-lock.json"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        PACKAGES.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / name, PACKAGES)
        made = tool("npm", "ci", "--ignore-scripts", cwd=PACKAGES, seconds=900)
        assert made.returncode == 0, made.stdout + made.stderr
        shutil.copy(lock, installed)
    return lambda name, *words, **options: tool(PACKAGES / "node_modules/.bin" / name, *words, **options)


def described(server):
    with server.client() as client:
        return client.get("/openapi.json").json


@pytest.fixture(scope="session")
def descriptions(seeded_data):
    made = {}
    with Server(copy_of=seeded_data) as server:
        made["locations"] = described(server)
    with Server(copy_of=seeded_data, env={"RANKLOOP_AUTH_TOKEN": TOKEN, "RANKLOOP_AUTH_GUEST_TOKEN": GUEST_TOKEN}) as server:
        made["token"] = described(server)
    with Server("--domain", ROOT / "domain/flights.toml", "--empty") as server:
        made["flights"] = described(server)
    return made


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def document(descriptions, kind):
    return descriptions[kind]


@pytest.fixture
def document_file(document, tmp_path):
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(document, indent=1))
    return file
