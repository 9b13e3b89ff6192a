"""A worker that listens: what it answers, to whom, and what Prometheus makes of it beside a server."""

import math
import time

import pytest

from cluster import Cluster, ClusterWorker
from learning import QUICK, champion, import_history, past_requests, trained, traffic
from process import free_port, shared_folder
from prometheus import Prometheus, expressions
from rankloop_process import run, wait_until

@pytest.fixture(scope="module")
def cluster():
    """A server that ranks nothing itself, and a worker."""
    with shared_folder() as folder, \
         Cluster(folder, servers=1, workers=1, settings=QUICK, durable=False, results=False) as cluster:
        yield cluster


@pytest.fixture
def worker(cluster):
    with cluster.workers[0].client() as client:
        yield client


@pytest.fixture(scope="module")
def prometheus(cluster, tmp_path_factory):
    both = [f"{each.host}:{each.port}" for each in (cluster.servers[0], cluster.workers[0])]
    with Prometheus(tmp_path_factory.mktemp("prometheus"), both) as prometheus:
        wait_until(lambda: prometheus.scraped() == set(both), 30, "a scrape of both")
        yield prometheus


def test_it_says_how_it_does_and_nothing_else(worker):
    assert worker.get("/health/live").json == {"status": "ok"}
    assert worker.get("/health/ready").json == {"status": "ready"}
    assert worker.get("/version").json["store"] == "postgresql"
    assert "rankloop_task_stage_seconds_bucket" in worker.get("/metrics").text
    assert worker.post("/metrics").status == 405
    for other in ("/", "/content/info", "/docs", "/tasks", "/inference/start"):
        assert worker.get(other).status == 404, other


def test_a_page_of_another_name_is_refused(worker):
    assert worker.get("/metrics", headers={"Host": "example.org"}).status == 403


def test_every_panel_tells_of_a_server_and_its_worker(cluster, prometheus):
    server = cluster.servers[0]
    with server.client() as client:
        import_history(client, past_requests(300))
        assert champion(client) is None
        model = trained(client, family="logistic")
        assert champion(client) == model
        assert client.get("/monitoring/drift").status == 200

    # The training and the promotion are the worker's, requests and picks the server's.
    silent = expressions()
    deadline = time.monotonic() + 60
    while silent and time.monotonic() < deadline:
        traffic(server, 200)
        silent = [(title, expression) for title, expression in silent
                  if all(math.isnan(value) for _, value in prometheus.query(expression))]
    assert silent == []
    by = {metric["instance"]: value for metric, value in prometheus.query("rankloop_task_total_seconds_count")}
    assert by[f"{server.host}:{server.port}"] == 0
    assert by[f"{cluster.workers[0].host}:{cluster.workers[0].port}"] > 0
    assert prometheus.alerts() == {}


def test_a_broker_and_a_worker_that_are_gone_are_noticed(cluster, prometheus):
    cluster.rabbit.stop()
    away = wait_until(lambda: prometheus.alerts().get("RankloopBrokerAway"), 60, "the alert of the broker")
    assert away["labels"]["severity"] == "ticket"
    cluster.rabbit.start()
    wait_until(lambda: "RankloopBrokerAway" not in prometheus.alerts(), 60, "the end of that alert")
    worker = cluster.workers[0]
    worker.stop()
    down = wait_until(lambda: prometheus.alerts().get("RankloopDown"), 60, "the alert of the worker")
    assert down["labels"]["instance"] == f"{worker.host}:{worker.port}"
    worker.start()
    wait_until(lambda: "RankloopDown" not in prometheus.alerts(), 60, "the end of that alert")


def test_others_need_a_token(cluster, tmp_path):
    public = run("worker", "--listen", "0.0.0.0:0", env=cluster.settings())
    assert public.returncode == 2 and "worker_listen = '0.0.0.0:0'" in public.stderr, public
    assert "auth.token" in public.stderr
    settings = {**cluster.settings(), "RANKLOOP_AUTH_TOKEN": "a-secret-of-16-letters"}
    with ClusterWorker(tmp_path / "guarded", "guarded", settings, port=free_port()) as guarded, \
         guarded.client() as client:
        assert client.get("/health/live").status == 200
        assert client.get("/metrics").status == 401
        assert client.get("/metrics", headers={"Authorization": "Bearer a-secret-of-16-letters"}).status == 200


def test_an_address_that_is_taken_ends_it_with_a_reason(cluster):
    taken = run("worker", "--listen", f"127.0.0.1:{cluster.workers[0].port}", env=cluster.settings())
    assert taken.returncode == 1 and "cannot listen on 127.0.0.1" in taken.stderr, taken
