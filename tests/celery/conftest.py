"""One cluster for the tests of a session: real PostgreSQL, RabbitMQ and Redis, a server, two workers; and the real
Celery to speak with them."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
# Flower asks for a login unless told that its API may be read.
os.environ["FLOWER_UNAUTHENTICATED_API"] = "true"

from cluster import Cluster  # noqa: E402
from peers import client_app  # noqa: E402
from process import shared_folder  # noqa: E402


@pytest.fixture(scope="session")
def cluster():
    with shared_folder() as folder, \
         Cluster(folder, servers=1, settings={"RANKLOOP_BASELINE": "false"}, durable=False) as cluster:
        yield cluster


@pytest.fixture
def client(cluster):
    with cluster.client() as client:
        yield client


@pytest.fixture(scope="session")
def app(cluster):
    """A Celery client that reads results from Redis."""
    return client_app(cluster.rabbit.url, cluster.redis.url)


@pytest.fixture(params=["redis", "rpc"])
def any_app(cluster, request):
    """The client with each result back-end in turn."""
    return client_app(cluster.rabbit.url, cluster.redis.url if request.param == "redis" else "rpc://")
