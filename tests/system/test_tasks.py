"""The task ledger: cancelling, retrying, listing, and a full queue."""

import re

import pytest

from guests import GUEST, UNKNOWN_TASK, finished, results, select, start
from rankloop_process import Server

TASK_KEYS = ["task_id", "status", "type", "state", "attempt", "created", "run_at", "started", "finished", "error"]
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


def test_a_pending_task_is_cancelled(idle_client):
    task = start(idle_client)
    answer = idle_client.post(f"/inference/cancel/{task}")
    assert (answer.status, answer.json) == (200, {"task_id": task, "status": "REVOKED", "type": "inference"})
    status = idle_client.get(f"/inference/status/{task}")
    assert (status.status, status.json["status"]) == (200, "REVOKED")


def test_a_cancelled_task_has_no_results(idle_client):
    task = start(idle_client)
    idle_client.post(f"/inference/cancel/{task}")
    answer = idle_client.get(f"/inference/results/{task}")
    assert answer.status == 409
    assert "cancelled" in answer.json["detail"]
    assert select(idle_client, task, 1).status == 409


def test_a_finished_task_cannot_be_cancelled(client):
    task = finished(client)
    answer = client.post(f"/inference/cancel/{task}")
    assert answer.status == 409
    assert "succeeded" in answer.json["detail"]
    assert client.get(f"/inference/status/{task}").json["status"] == "SUCCESS"


def test_cancelling_again_answers_the_same(idle_client):
    task = start(idle_client)
    first, again = (idle_client.post(f"/inference/cancel/{task}") for _ in range(2))
    assert (first.status, again.status) == (200, 200)
    assert again.json == first.json


@pytest.mark.parametrize("path", ["/inference/cancel/{}", "/tasks/{}/retry"])
@pytest.mark.parametrize("task", [UNKNOWN_TASK, "nonsense"])
def test_an_unknown_task_cannot_be_changed(client, path, task):
    answer = client.post(path.format(task))
    assert (answer.status, answer.json) == (404, {"detail": "Task not found"})


def test_a_finished_task_cannot_be_retried(client):
    answer = client.post(f"/tasks/{finished(client)}/retry")
    assert answer.status == 409
    assert "succeeded" in answer.json["detail"]


def test_a_retried_task_runs_to_its_end(seeded_data):
    with Server(copy_of=seeded_data) as server:
        server.stop()
        server.start("--workers", "0")
        with server.client() as client:
            task = start(client)
            client.post(f"/inference/cancel/{task}")
            answer = client.post(f"/tasks/{task}/retry")
            assert (answer.status, list(answer.json), answer.json["state"]) == (200, TASK_KEYS, "ready")
            assert client.get(f"/inference/status/{task}").json["status"] in ("PENDING", "RETRY")
        server.stop()
        server.start()
        with server.client() as client:
            assert client.get(f"/inference/status/{task}?wait=30s").json["status"] == "SUCCESS"
            assert len(results(client, task)) == 10


def test_a_task_tells_its_times(client):
    answer = client.get(f"/tasks/{finished(client)}")
    assert (answer.status, list(answer.json)) == (200, TASK_KEYS)
    assert (answer.json["state"], answer.json["attempt"], answer.json["error"]) == ("succeeded", 1, None)
    times = [answer.json[name] for name in ("created", "started", "finished")]
    assert all(TIME.match(time) for time in times)
    assert times == sorted(times)


@pytest.mark.parametrize("task", [UNKNOWN_TASK, "nonsense"])
def test_an_unknown_task_is_not_in_the_ledger(client, task):
    answer = client.get(f"/tasks/{task}")
    assert (answer.status, answer.json) == (404, {"detail": "Task not found"})


def test_the_ledger_lists_newest_first_in_pages(own_client):
    tasks = [finished(own_client) for _ in range(5)]
    seen, path = [], "/tasks?limit=2"
    while path:
        answer = own_client.get(path)
        assert answer.status == 200
        seen += [row["task_id"] for row in answer.json]
        link = answer.headers["Link"]
        path = re.fullmatch(r'<(.+)>; rel="next"', link)[1] if link else None
    assert sorted(seen) == sorted(tasks)
    assert seen == sorted(seen, reverse=True)


def test_the_ledger_is_filtered(idle_client):
    waiting, revoked = start(idle_client), start(idle_client)
    idle_client.post(f"/inference/cancel/{revoked}")
    ready = [row["task_id"] for row in idle_client.get("/tasks?state=ready&kind=inference&limit=1000").json]
    cancelled = [row["task_id"] for row in idle_client.get("/tasks?state=cancelled&limit=1000").json]
    assert waiting in ready and revoked not in ready
    assert revoked in cancelled and waiting not in cancelled
    assert idle_client.get("/tasks?kind=training").json == []


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "state=done", "kind=other", "before=x"])
def test_a_bad_filter_is_refused(client, query):
    answer = client.get(f"/tasks?{query}")
    assert (answer.status, answer.json["detail"][0]["loc"]) == (422, ["query", query.split("=")[0]])


def test_pending_tasks_run_after_a_restart(seeded_data):
    with Server("--workers", "0", copy_of=seeded_data) as server:
        with server.client() as client:
            tasks = [start(client) for _ in range(5)]
        server.stop()
        server.args = []
        server.start()
        with server.client() as client:
            for task in tasks:
                assert client.get(f"/inference/status/{task}?wait=30s").json["status"] == "SUCCESS"


def test_a_full_queue_refuses_and_works_again(seeded_data):
    with Server("--workers", "0", env={"RANKLOOP_TASKS_MAX_WAITING": "3"}, copy_of=seeded_data) as server:
        with server.client() as client:
            tasks = [start(client) for _ in range(3)]
            refused = client.post("/inference/start", GUEST)
            assert refused.status == 503
            assert refused.headers["Retry-After"].isdigit()
            assert isinstance(refused.json["detail"], str)
            assert client.get("/content/info").json["users"] == 3
            client.post(f"/inference/cancel/{tasks[1]}")
            start(client)
            assert client.post("/inference/start", GUEST).status == 503


def test_a_refusal_for_a_full_queue_is_not_kept_under_a_key(seeded_data):
    key = {"Idempotency-Key": "later"}
    with Server("--workers", "0", env={"RANKLOOP_TASKS_MAX_WAITING": "1"}, copy_of=seeded_data) as server:
        with server.client() as client:
            task = start(client)
            assert client.post("/inference/start", GUEST, headers=key).status == 503
            client.post(f"/inference/cancel/{task}")
            answer = client.post("/inference/start", GUEST, headers=key)
            assert (answer.status, answer.headers["Idempotency-Replayed"]) == (200, None)
