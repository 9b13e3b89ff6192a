"""What the fault tests share: a store whose first start is behind it, to begin from."""

import pathlib
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from rankloop_process import Server  # noqa: E402


class FirstStart:
    """The data of a stopped server after its first start, and how long that start took."""

    def __init__(self, data_dir, seconds):
        self.data_dir = data_dir
        self.seconds = seconds


@pytest.fixture(scope="session")
def first_start(tmp_path_factory):
    folder = tmp_path_factory.mktemp("first-start")
    server = Server(data_dir=folder)
    began = time.monotonic()
    server.start()
    seconds = time.monotonic() - began
    server.stop()
    return FirstStart(folder, seconds)


@pytest.fixture
def server(first_start, tmp_path):
    """A server that is not started yet, on a copy of the prepared store."""
    folder = tmp_path / "data"
    folder.mkdir()
    server = Server(data_dir=folder, copy_of=first_start.data_dir)
    yield server
    if server.running:
        server.kill()
