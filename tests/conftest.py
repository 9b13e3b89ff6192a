"""Servers that many tests share: made once, because the first start of a store trains its baseline model."""

import signal

import pytest

from learning import QUICK, traffic
from rankloop_process import Server

# A terminated run, too, stops its servers.
signal.signal(signal.SIGTERM, signal.default_int_handler)
# Programs under test inherit what is ignored here, as SIGHUP is under nohup.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def seeded_data(tmp_path_factory):
    """A data folder of the built-in domain with its places and its baseline, not in use; copy it."""
    folder = tmp_path_factory.mktemp("seeded")
    with Server(data_dir=folder) as server:
        server.stop()
    return folder


@pytest.fixture(scope="session")
def server(seeded_data):
    """A server that ranks with the baseline. Tests that share it change nothing that others count."""
    with Server(copy_of=seeded_data) as server:
        yield server


@pytest.fixture(scope="session")
def idle_server(seeded_data):
    """A server without workers: every task stays pending."""
    with Server("--workers", "0", copy_of=seeded_data) as server:
        yield server


@pytest.fixture
def own_server(seeded_data):
    """A server of this test alone, with the places and the baseline."""
    with Server(copy_of=seeded_data) as server:
        yield server


@pytest.fixture
def client(server):
    with server.client() as client:
        yield client


@pytest.fixture
def idle_client(idle_server):
    with idle_server.client() as client:
        yield client


@pytest.fixture
def own_client(own_server):
    with own_server.client() as client:
        yield client


@pytest.fixture(scope="session")
def evidence_data(tmp_path_factory):
    """A data folder whose guests saw a random order and picked: 400 requests to learn from; copy it."""
    folder = tmp_path_factory.mktemp("evidence")
    with Server(data_dir=folder, env=QUICK) as server:
        traffic(server, 400)
        server.stop()
    return folder
