"""Traces: from a client over the server into the worker and back, and to a collector."""

import os
import secrets

import pytest

from collector import Collector
from guests import GUEST, metric, start
from learning import QUICK
from rankloop_process import Server, wait_until

SERVER, INTERNAL, CONSUMER = 2, 1, 5
STAGES = ["wait", "features", "score", "top_k", "commit"]


class Caller:
    """A program that traces its own request to rankloop."""

    def __init__(self, sampled=True):
        self.trace_id, self.span_id = secrets.token_hex(16), secrets.token_hex(8)
        self.traceparent = f"00-{self.trace_id}-{self.span_id}-{'01' if sampled else '00'}"
        self.headers = {"traceparent": self.traceparent}


@pytest.fixture(scope="module")
def collector():
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def traced(seeded_data, collector):
    with Server(copy_of=seeded_data, env={"RANKLOOP_TRACING_ENDPOINT": collector.url,
                                          "RANKLOOP_TRACING_SERVICE": "places"}) as server:
        yield server


@pytest.fixture
def traced_client(traced):
    with traced.client() as client:
        yield client


def traced_inference(client, caller, **headers):
    answer = client.post("/inference/start?wait=30s", GUEST, headers={**caller.headers, **headers})
    assert (answer.status, answer.json["status"]) == (200, "SUCCESS")
    return answer


def assert_is_part_of(child, parent):
    assert (child.trace_id, child.parent_id) == (parent.trace_id, parent.span_id)


def test_a_trace_goes_from_the_client_over_the_server_into_the_worker(traced_client, collector):
    caller = Caller()
    answer = traced_inference(traced_client, caller, **{"X-Request-Id": "my-request"})
    spans = collector.trace(caller.trace_id, "POST /inference/start", "inference", *STAGES)
    server, worker = spans["POST /inference/start"], spans["inference"]
    assert (server.kind, server.parent_id) == (SERVER, caller.span_id)
    assert server.attributes == {
        "http.request.method": "POST", "http.route": "/inference/start", "http.response.status_code": 200,
        "url.scheme": "http", "rankloop.request_id": "my-request"}
    assert_is_part_of(worker, server)
    assert worker.kind == CONSUMER
    assert worker.attributes == {
        "rankloop.task_id": answer.json["task_id"], "rankloop.attempt": 1, "rankloop.outcome": "succeeded",
        "rankloop.model_id": 1}
    for name in STAGES:
        assert_is_part_of(spans[name], worker)
        assert spans[name].kind == INTERNAL
        assert worker.begin <= spans[name].begin <= spans[name].end <= worker.end, name
    assert server.begin <= worker.begin + 1_000_000  # nanoseconds; each span looks at the wall clock for itself
    assert len(collector.spans(caller.trace_id)) == 7
    assert server.resource["service.name"] == "places"


def test_the_answer_names_the_span_that_answered(traced_client, collector):
    caller = Caller()
    answer = traced_inference(traced_client, caller)
    server = collector.trace(caller.trace_id, "POST /inference/start")["POST /inference/start"]
    assert answer.headers["traceresponse"] == f"00-{caller.trace_id}-{server.span_id}-01"


def test_the_ledger_knows_who_asked(traced_client):
    caller = Caller()
    task = traced_inference(traced_client, caller).json["task_id"]
    assert traced_client.get(f"/tasks/{task}").json["trace_id"] == caller.trace_id
    assert "trace_id" not in traced_client.get(f"/tasks/{start(traced_client)}").json


def test_nothing_of_what_a_person_asks_with_is_in_a_span(traced_client, collector):
    caller = Caller()
    secret = {**GUEST, "name": "Zaphod", "user_key": "beeblebrox-42", "budget": 77123.5}
    answer = traced_client.post("/inference/start?wait=30s&limit=7", secret, headers=caller.headers)
    assert answer.status == 200
    collector.trace(caller.trace_id, "POST /inference/start", "inference")
    sent = "".join(body for _, _, body in collector.requests)
    for word in ["Zaphod", "beeblebrox", "77123.5", "limit=7", "wait=30s"]:
        assert word not in sent


def test_a_refused_request_has_a_span_without_its_path(traced_client, collector):
    caller = Caller()
    assert traced_client.get("/no/such/path/Ann?token=x", headers=caller.headers).status == 404
    span = collector.trace(caller.trace_id, "GET")["GET"]
    assert span.attributes["http.response.status_code"] == 404
    assert "http.route" not in span.attributes and not span.failed


def test_a_caller_may_not_want_its_trace_sampled(traced_client, collector):
    unsampled, sampled = Caller(sampled=False), Caller()
    answer = traced_inference(traced_client, unsampled)
    assert answer.headers["traceresponse"].startswith(f"00-{unsampled.trace_id}-")
    assert answer.headers["traceresponse"].endswith("-00")
    assert traced_client.get(f"/tasks/{answer.json['task_id']}").json["trace_id"] == unsampled.trace_id
    traced_inference(traced_client, sampled)
    collector.trace(sampled.trace_id, "inference")
    assert collector.spans(unsampled.trace_id) == []


@pytest.mark.parametrize("wrong", ["", "00-xyz-abc-01", f"00-{'0' * 32}-{'1' * 16}-01",
                                   f"00-{'A' * 32}-{'b' * 16}-01", f"ff-{'a' * 32}-{'b' * 16}-01"])
def test_a_wrong_traceparent_is_as_if_there_was_none(traced_client, wrong):
    answer = traced_client.post("/inference/start", GUEST, headers={"traceparent": wrong})
    assert answer.status == 200
    assert "traceresponse" not in answer.headers


def test_two_traceparents_say_nothing(traced):
    lines = "".join(f"traceparent: {Caller().traceparent}\r\n" for _ in range(2))
    with traced.raw() as raw:
        answer = raw.send(f"GET /version HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n").answer()
    assert answer.status == 200 and "traceresponse" not in answer.headers


def test_a_cancelled_task_says_nothing_of_a_worker(seeded_data, collector):
    caller = Caller()
    with Server("--workers", "0", copy_of=seeded_data, env={"RANKLOOP_TRACING_ENDPOINT": collector.url}) as server:
        with server.client() as client:
            task = client.post("/inference/start", GUEST, headers=caller.headers).json["task_id"]
            client.post(f"/inference/cancel/{task}")
    assert [span.name for span in collector.spans(caller.trace_id)] == ["POST /inference/start"]


def test_a_task_that_a_killed_process_left_keeps_its_trace(seeded_data, collector):
    caller = Caller()
    settings = {"RANKLOOP_TRACING_ENDPOINT": collector.url, "RANKLOOP_WORKERS": "0"}
    with Server(copy_of=seeded_data, env=settings) as server:
        with server.client() as client:
            client.post("/inference/start", GUEST, headers=caller.headers)
        server.kill()
        server.start(env={"RANKLOOP_WORKERS": "1"})
        worker = collector.trace(caller.trace_id, "inference")["inference"]
        assert worker.attributes["rankloop.outcome"] == "succeeded"


def test_a_training_is_traced_by_its_phases(evidence_data, collector):
    caller = Caller()
    with Server(copy_of=evidence_data, env={**QUICK, "RANKLOOP_TRACING_ENDPOINT": collector.url}) as server:
        with server.client() as client:
            answer = client.post("/train/start", {"family": "logistic"}, headers=caller.headers)
            assert answer.status == 200, answer
            spans = collector.trace(caller.trace_id, "POST /train/start", "training", "dataset", "commit")
    assert_is_part_of(spans["training"], spans["POST /train/start"])
    assert_is_part_of(spans["dataset"], spans["training"])
    assert_is_part_of(spans["commit"], spans["training"])
    assert spans["training"].attributes["rankloop.task_id"] == answer.json["task_id"]
    assert spans["training"].attributes["rankloop.model_id"] > 0


def test_a_share_of_the_requests_begins_a_trace(seeded_data, collector):
    with Server(copy_of=seeded_data, env={"RANKLOOP_TRACING_ENDPOINT": collector.url,
                                          "RANKLOOP_TRACING_SAMPLE": "1"}) as server:
        with server.client() as client:
            answer = client.post("/inference/start?wait=30s", GUEST)
    trace_id = answer.headers["traceresponse"].split("-")[1]
    spans = collector.trace(trace_id, "POST /inference/start", "inference")
    assert spans["POST /inference/start"].parent_id is None


def test_a_busy_collector_gets_its_spans_a_little_later(seeded_data):
    caller = Caller()
    with Collector(statuses=[503, 429]) as collector:
        with Server(copy_of=seeded_data, env={"RANKLOOP_TRACING_ENDPOINT": collector.url}) as server:
            with server.client() as client:
                traced_inference(client, caller)
                collector.trace(caller.trace_id, "inference")
                wait_until(lambda: metric(client, "rankloop_trace_spans_exported_total") >= 7)
                assert metric(client, "rankloop_trace_spans_dropped_total") == 0


def test_a_collector_that_is_away_costs_nobody_anything(seeded_data):
    settings = {"RANKLOOP_TRACING_ENDPOINT": "http://ada:hush-hush@127.0.0.1:9/v1/traces?key=hush-hush",
                "RANKLOOP_TRACING_SAMPLE": "1", "RANKLOOP_LOG_LEVEL": "debug"}
    with Server(copy_of=seeded_data, env=settings) as server:
        with server.client() as client:
            for _ in range(20):
                assert client.post("/inference/start?wait=30s", GUEST).json["status"] == "SUCCESS"
        server.stop()
        assert "spans were dropped" in server.log
        assert "endpoint=http://127.0.0.1:9/v1/traces " in server.log
        assert "hush" not in server.log


def test_an_endpoint_that_is_no_url_ends_the_start(tmp_path):
    with pytest.raises(AssertionError) as refused:
        Server(data_dir=tmp_path, env={"RANKLOOP_TRACING_ENDPOINT": "ftp://ada:hush@host/"}).start()
    assert "hush" not in str(refused.value)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("page", ["http://127.0.0.1:16686/trace", "javascript:{trace_id}"])
def test_a_page_of_traces_that_cannot_be_linked_to_ends_the_start(tmp_path, page):
    with pytest.raises(AssertionError, match="allowed is an address with {trace_id} in it"):
        Server(data_dir=tmp_path, env={"RANKLOOP_TRACING_PAGE": page}).start()
    assert os.listdir(tmp_path) == []
