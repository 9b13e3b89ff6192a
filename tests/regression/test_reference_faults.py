"""Faults of the program that this one replaces. Each must not come back; the numbers are the contract's."""

import threading

import pytest

from guests import (GUEST, UNKNOWN_TASK, finished, metric, results, select, start, stored_results)


@pytest.mark.parametrize("method, path, body", [
    ("GET", f"/inference/status/{UNKNOWN_TASK}", ...), ("GET", f"/inference/results/{UNKNOWN_TASK}", ...),
    ("PUT", "/inference/select/", {"task_id": UNKNOWN_TASK, "location_id": 1}),
    ("PUT", "/inference/select/", {"task_id": UNKNOWN_TASK, "location_id": -1}),
    ("GET", "/content/location/999999", ...), ("GET", "/content/user/999999", ...),
    ("GET", "/content/result/999999", ...), ("GET", f"/content/results?task_id={UNKNOWN_TASK}", ...),
])
def test_fault_4_an_unknown_id_answers_500_or_200(client, method, path, body):
    answer = client.request(method, path, json=body)
    assert answer.status == 404
    assert list(answer.json) == ["detail"]
    assert "not found" in answer.json["detail"].lower() or "no location" in answer.json["detail"]


def test_fault_5_a_fast_worker_meets_a_task_without_its_row(own_server):
    tasks = []

    def send():
        with own_server.client() as client:
            for _ in range(10):
                task = start(client)
                # The row is there the moment the id is known, and the worker finds it too.
                assert client.get(f"/tasks/{task}").status == 200
                tasks.append(task)

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(60)
    assert len(tasks) == 40
    with own_server.client() as client:
        for task in tasks:
            assert client.get(f"/inference/status/{task}?wait=30s").json["status"] == "SUCCESS"
            assert len(stored_results(client, task)) == 210


def test_fault_6_a_finished_task_falls_back_to_pending(own_server):
    with own_server.client() as client:
        task = finished(client)
        seen = results(client, task)
    own_server.stop()
    own_server.start()  # whatever was only remembered is gone now
    with own_server.client() as client:
        assert client.get(f"/inference/status/{task}").json["status"] == "SUCCESS"
        assert results(client, task) == seen


def test_fault_7_a_redelivered_task_writes_its_results_twice(own_server):
    with own_server.client() as client:
        tasks = [start(client) for _ in range(30)]
    own_server.kill()  # some tasks are running, some waiting, some done
    own_server.start()
    with own_server.client() as client:
        for task in tasks:
            assert client.get(f"/inference/status/{task}?wait=30s").json["status"] == "SUCCESS"
            rows = stored_results(client, task)
            assert len(rows) == len({row["location_id"] for row in rows}) == 210
            assert len({row["result_id"] for row in rows}) == 210
        assert client.get("/content/info").json["users"] == 30


def test_fault_8_a_row_for_each_item_and_labels_without_position_or_time(own_server):
    def folded_size():
        own_server.stop()  # folds the log into the database
        return (own_server.data_dir / "rankloop.db").stat().st_size

    with own_server.client() as client:
        finished(client)
    before = folded_size()
    own_server.start()
    with own_server.client() as client:
        tasks = [finished(client) for _ in range(50)]
    # 210 rows for a request would be some 20 kB each; one packed ranking is a tenth of that.
    assert (folded_size() - before) / 50 < 8_000
    own_server.start()
    with own_server.client() as client:
        task = tasks[-1]
        shown = results(client, task, 5)
        label = select(client, task, shown[3]["location_id"]).json
        assert (label["label"], label["position"]) == (1, 4)
        assert label["shown_at"]
        assert [row.get("position") for row in stored_results(client, task)[:6]] == [1, 2, 3, 4, 5, None]


def test_fault_9_the_gauge_of_active_inferences_drifts(own_client):
    names = ("rankloop_task_scheduled", "rankloop_task_ready", "rankloop_task_running")
    tasks = [finished(own_client) for _ in range(6)]
    for task in tasks[:2]:
        for _ in range(5):
            results(own_client, task)
    own_client.get(f"/inference/results/{UNKNOWN_TASK}")
    assert [metric(own_client, name) for name in names] == [0, 0, 0]


def test_fault_9_the_gauge_counts_what_waits(idle_client):
    before = metric(idle_client, "rankloop_task_ready")
    task = start(idle_client)
    idle_client.get(f"/inference/results/{task}")
    assert metric(idle_client, "rankloop_task_ready") == before + 1
    idle_client.post(f"/inference/cancel/{task}")
    assert metric(idle_client, "rankloop_task_ready") == before


def test_fault_10_no_selection_leaves_no_trace(client):
    task = finished(client)
    results(client, task)
    before = metric(client, "rankloop_feedback_bad_total")
    answer = select(client, task, -1)
    assert (answer.status, answer.body) == (200, b"null")
    assert metric(client, "rankloop_feedback_bad_total") == before + 1


def test_fault_11_empty_ages_become_nan(client):
    before = client.get("/content/info").json
    answer = client.post("/inference/start", {**GUEST, "people_age": []})
    assert answer.status == 422
    assert ["body", "people_age"] in [fault["loc"] for fault in answer.json["detail"]]
    assert client.get("/content/info").json == before


def test_fault_11_one_age_has_no_deviation(client):
    task = finished(client, people_num=1, people_age=[41])
    user = client.get(f"/content/user/{stored_results(client, task)[0]['user_id']}")
    assert b"NaN" not in user.body and b"null" not in user.body
    assert [user.json[name] for name in ("age_avg", "age_std", "age_min", "age_max")] == [41, 0, 41, 41]
