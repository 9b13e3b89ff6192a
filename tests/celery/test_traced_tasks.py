"""Traces over machines: from a client or a Celery producer over the ledger into a worker of rankloop or of Python, and
back with the reply."""

import secrets

import pytest

from collector import Collector
from guests import GUEST, finished
from peers import RESULT_SECONDS, PythonWorker, outcome
from test_python_workers import another, external_settings

CANDIDATES = [3, 17, 5]


class Caller:
    def __init__(self):
        self.trace_id, self.span_id = secrets.token_hex(16), secrets.token_hex(8)
        self.headers = {"traceparent": f"00-{self.trace_id}-{self.span_id}-01"}


@pytest.fixture(scope="module")
def collector():
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def server(cluster, collector, tmp_path_factory):
    settings = {"RANKLOOP_TRACING_ENDPOINT": collector.url, "RANKLOOP_LOG_LEVEL": "debug",
                "RANKLOOP_CELERY_INFERENCE_QUEUE": "traced", "RANKLOOP_CELERY_TRAINING_QUEUE": "traced.training"}
    with another(cluster, tmp_path_factory.mktemp("traced"), "traced", settings) as server:
        yield server


def test_a_trace_goes_from_a_server_into_the_worker_of_another_process(server, collector):
    caller = Caller()
    with server.client() as client:
        answer = client.post("/inference/start?wait=30s", GUEST, headers=caller.headers)
        assert answer.json["status"] == "SUCCESS"
        assert client.get(f"/tasks/{answer.json['task_id']}").json["trace_id"] == caller.trace_id
    stages = ["wait", "features", "score", "top_k", "commit"]
    spans = collector.trace(caller.trace_id, "POST /inference/start", "inference", *stages)
    asked, ranked = spans["POST /inference/start"], spans["inference"]
    assert (asked.parent_id, ranked.parent_id) == (caller.span_id, asked.span_id)
    assert {spans[stage].parent_id for stage in stages} == {ranked.span_id}
    assert asked.resource["service.instance.id"] != ranked.resource["service.instance.id"]
    assert ranked.attributes["rankloop.task_id"] == answer.json["task_id"]


def test_a_trace_of_a_celery_producer_goes_on(server, app, collector):
    caller = Caller()
    result = app.send_task("inference", kwargs=GUEST, queue="traced", headers=caller.headers)
    assert len(result.get(timeout=RESULT_SECONDS)["results"]) == 10
    ranked = collector.trace(caller.trace_id, "inference")["inference"]
    assert (ranked.parent_id, ranked.attributes["rankloop.task_id"]) == (caller.span_id, result.id)
    with server.client() as client:
        assert client.get(f"/tasks/{result.id}").json["trace_id"] == caller.trace_id


@pytest.mark.parametrize("call", [{"kwargs": GUEST}, {"args": ["refused"]}])
def test_a_reply_carries_the_trace_back(server, app, call):
    caller, queue = Caller(), f"replies.{secrets.token_hex(8)}"
    with app.connection() as connection, connection.SimpleQueue(queue, queue_opts={"exclusive": True}) as replies:
        result = app.send_task("inference", queue="traced", reply_to=queue, headers=caller.headers, **call)
        reply = replies.get(timeout=RESULT_SECONDS)
        reply.ack()
        assert reply.payload["task_id"] == result.id
        assert reply.headers["traceparent"] == caller.headers["traceparent"]
    outcome(result)


def test_what_nobody_traces_has_no_trace(server, app):
    result = app.send_task("inference", kwargs=GUEST, queue="traced")
    result.get(timeout=RESULT_SECONDS)
    with server.client() as client:
        assert "trace_id" not in client.get(f"/tasks/{result.id}").json
        assert "trace_id" not in client.get(f"/tasks/{finished(client)}").json


TELLS = '''
import pathlib
@app.task(name="inference", bind=True)
def inference(self, task_id, request, items, limit):
    if request["name"] == "breaks":
        raise ValueError("Zaphod is 87 years old")
    pathlib.Path({told!r}).write_text(self.request.traceparent)
    return items
'''


def test_a_trace_goes_into_a_python_worker(cluster, collector, tmp_path):
    caller, told = Caller(), tmp_path / "traceparent"
    settings = external_settings("tracing", RANKLOOP_TRACING_ENDPOINT=collector.url)
    with another(cluster, tmp_path, "tracing", settings) as server, server.client() as client, \
         PythonWorker(tmp_path, cluster.rabbit.url, cluster.redis.url, "python.tracing",
                      TELLS.format(told=str(told)), node="python-tracing"):
        answer = client.post("/inference/start?wait=30s", {**GUEST, "candidates": CANDIDATES}, headers=caller.headers)
        assert answer.json["status"] == "SUCCESS", answer
        spans = collector.trace(caller.trace_id, "POST /inference/start", "inference", "wait", "answer", "commit")
        assert spans["inference"].parent_id == spans["POST /inference/start"].span_id
        assert told.read_text() == f"00-{caller.trace_id}-{spans['inference'].span_id}-01"

        failing = Caller()
        client.post("/inference/start?wait=30s", {**GUEST, "name": "breaks", "candidates": CANDIDATES},
                    headers=failing.headers)
        failed = collector.trace(failing.trace_id, "inference")["inference"]
        assert failed.failed and failed.attributes["rankloop.outcome"] == "failed"
    # What an exception quotes stands in the ledger; the log has the ids.
    logs = [path.read_text(errors="replace") for path in tmp_path.rglob("*.log") if "python" not in path.name]
    assert any(failing.trace_id in log for log in logs)
    assert not any("Zaphod" in log for log in logs)
