"""Faults of the program that this one replaces. Each must not come back; the numbers are the contract's."""

import json
import threading

import pytest

from guests import (GUEST, UNKNOWN_TASK, finished, metric, results, select, start, stored_results)
from learning import (QUICK, champion, ended, history, import_history, model, models, past_requests, promoted,
                      start_training, trained)
from rankloop_process import Server, run


@pytest.fixture
def learner(evidence_data):
    with Server(env=QUICK, copy_of=evidence_data) as server:
        yield server


@pytest.fixture
def learning_client(learner):
    with learner.client() as client:
        yield client


def test_fault_1_the_worse_model_is_promoted(learning_client):
    worse = trained(learning_client, family="random", promote="manual")
    promoted(learning_client, worse)
    better = trained(learning_client, family="logistic")
    evidence = model(learning_client, better)["gate"]
    assert evidence["challenger"] > evidence["champion"] and evidence["delta"] > 0
    assert (evidence["verdict"], champion(learning_client)) == ("promote", better)
    worse = trained(learning_client, family="random")
    evidence = model(learning_client, worse)["gate"]
    assert evidence["challenger"] < evidence["champion"] and evidence["delta"] < 0
    assert (evidence["verdict"], champion(learning_client)) == ("reject", better)


def test_fault_2_two_models_are_active_at_once(learner, learning_client):
    numbers = [trained(learning_client, family=family, promote="manual") for family in ("logistic", "popularity")]
    for number in numbers + numbers[::-1]:
        promoted(learning_client, number)
        assert [row["model_id"] for row in models(learning_client) if row["champion"]] == [number]
        assert [row["share"] for row in models(learning_client) if row["share"]] == [1]
    learner.stop()
    learner.start()
    with learner.client() as client:
        assert [row["model_id"] for row in models(client) if row["champion"]] == [numbers[0]]


def test_fault_3_it_trains_on_the_newest_and_tests_on_the_oldest(learning_client):
    # Taste turns round for the newest fifth: what learned from older requests must be wrong about it.
    turned = [json.loads(line) for line in past_requests(100, seed=2).splitlines()]
    for request in turned:
        request["picked"] = [max(request["shown"])]
    import_history(learning_client, past_requests(400))
    import_history(learning_client, "\n".join(map(json.dumps, turned)))
    number = trained(learning_client, family="popularity", window=500, promote="manual")
    metrics, lineage = model(learning_client, number)["metrics"], model(learning_client, number)["lineage"]
    assert (lineage["first"], lineage["imported_last"], lineage["last"]) == (401, 800, 900)
    assert metrics["train"]["auc"] > 0.8 and metrics["test"]["auc"] < 0.4


def test_fault_3_precision_and_recall_are_swapped(tmp_path):
    file = tmp_path / "scored.tsv"
    # One of four positives is found, and nothing else is taken for one.
    rows = [(1, 0.9), (1, 0.2), (1, 0.2), (1, 0.1), (0, 0.3), (0, 0.1)]
    file.write_text("request\tlabel\tscore\n" + "".join(f"1\t{label}\t{score}\n" for label, score in rows))
    metrics = json.loads(run("evaluate", file, "--json").stdout)
    assert (metrics["pre"], metrics["rec"]) == (1, 0.25)


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


def test_fault_7_a_redelivered_training_makes_two_models(learner, learning_client):
    task = start_training(learning_client, family="gbdt")
    learner.kill()
    learner.start()
    with learner.client() as client:
        assert ended(client, task)["status"] == "SUCCESS"
        assert len(models(client)) == len(history(client)) == 1


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
    names = [f'rankloop_task_{state}{{kind="inference"}}' for state in ("scheduled", "ready", "running")]
    tasks = [finished(own_client) for _ in range(6)]
    for task in tasks[:2]:
        for _ in range(5):
            results(own_client, task)
    own_client.get(f"/inference/results/{UNKNOWN_TASK}")
    assert [metric(own_client, name) for name in names] == [0, 0, 0]


READY = 'rankloop_task_ready{kind="inference"}'


def test_fault_9_the_gauge_counts_what_waits(idle_client):
    before = metric(idle_client, READY)
    task = start(idle_client)
    idle_client.get(f"/inference/results/{task}")
    assert metric(idle_client, READY) == before + 1
    idle_client.post(f"/inference/cancel/{task}")
    assert metric(idle_client, READY) == before


def test_fault_10_no_selection_leaves_no_trace(client):
    task = finished(client)
    results(client, task)
    before = metric(client, "rankloop_feedback_bad_total")
    answer = select(client, task, -1)
    assert (answer.status, answer.body) == (200, b"null")
    assert metric(client, "rankloop_feedback_bad_total") == before + 1


def test_fault_10_no_selection_is_an_outcome_to_learn_from(learning_client):
    before = trained(learning_client, family="popularity", promote="manual")
    task = finished(learning_client)
    results(learning_client, task)
    assert select(learning_client, task, -1).status == 200
    after = trained(learning_client, family="popularity", promote="manual")
    lineages = [model(learning_client, number)["lineage"] for number in (before, after)]
    assert [lineages[1][name] - lineages[0][name] for name in ("requests", "none_chosen", "rows")] == [1, 1, 10]


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
