"""Training over HTTP: what it needs, what it tells, what it keeps, and how it is stopped."""

import json
import uuid

import pytest

from guests import UNKNOWN_TASK, finished, metric, start, stored_results
from learning import (FAMILIES, QUICK, champion, ended, history, import_history, model, models, past_requests,
                      promoted, start_training, traffic, trained, training)
from rankloop_process import Server, wait_until

STATUS_KEYS = ["task_id", "status", "type", "state", "attempt", "progress", "model_id", "error"]


@pytest.fixture(scope="module")
def learner(evidence_data):
    with Server(env=QUICK, copy_of=evidence_data) as server:
        yield server


@pytest.fixture
def client(learner):
    with learner.client() as client:
        yield client


@pytest.fixture(scope="module")
def busy(evidence_data):
    """So much to learn from that boosting trees takes seconds."""
    with Server(env=QUICK, copy_of=evidence_data) as server:
        with server.client() as client:
            import_history(client, past_requests(4000))
        yield server


@pytest.fixture(scope="module")
def waiting(evidence_data):
    """Nobody works: a training stays where it is."""
    with Server("--workers", "0", env=QUICK, copy_of=evidence_data) as server:
        yield server


@pytest.fixture
def waiting_client(waiting):
    with waiting.client() as client:
        yield client
        for task in client.get("/tasks?kind=training&limit=100").json:
            if task["status"] not in ("REVOKED", "SUCCESS"):
                client.post(f"/train/cancel/{task['task_id']}")


def read_events(server, task, each=lambda status: None):
    """The statuses that a training's stream tells until it ends."""
    told = []
    with server.raw() as raw:
        raw.send(f"GET /train/events/{task} HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert b"200" in raw.line()
        for line in raw.file:
            if line.startswith(b"data: "):
                told.append(json.loads(line[6:]))
                each(told[-1])
    return told


# What a training needs.

def counted(client, **ended):
    """Waits until the trainings that ended are counted: which happens after what their status is read from."""
    names = ("promote", "reject", "insufficient_evidence", "failed")
    wanted = {name: ended.get(name, 0) for name in names}
    wait_until(lambda: {name: metric(client, f'rankloop_training_ended_total{{verdict="{name}"}}') for name in names}
               == wanted, what=f"the count {wanted}")


def test_an_empty_catalog_has_nothing_to_learn_from():
    with Server("--empty", env={"RANKLOOP_BASELINE": "false"}) as server, server.client() as client:
        answer = client.post("/train/start")
        assert answer.status == 409
        assert "0 of 250" in answer.json["detail"] and "catalog is empty" in answer.json["detail"]


def test_too_little_evidence_is_told_in_numbers():
    with Server(env={"RANKLOOP_BASELINE": "false"}) as server, server.client() as client:
        answer = client.post("/train/start")
        assert answer.status == 409
        assert "0 of 250" in answer.json["detail"] and "nothing was shown" in answer.json["detail"]
        import_history(client, past_requests(12))
        answer = client.post("/train/start", {"family": "mlp"})
        assert answer.status == 409
        assert "12 of 250" in answer.json["detail"] and "12 were shown" in answer.json["detail"]
        assert client.get("/tasks?kind=training").json == []
        import_history(client, past_requests(238, seed=2))
        assert ended(client, start_training(client))["status"] == "SUCCESS"


def test_every_fault_of_a_body_is_told(client):
    before = client.get("/tasks?kind=training&limit=1000").json
    answer = client.post("/train/start", {"family": "forest", "window": 1.5, "promote": True, "dry_run": 1})
    assert answer.status == 422
    assert [fault["loc"] for fault in answer.json["detail"]] == [
        ["body", name] for name in ("family", "window", "promote", "dry_run")]
    assert all(name in answer.json["detail"][0]["msg"] for name in FAMILIES)
    assert client.get("/tasks?kind=training&limit=1000").json == before


@pytest.mark.parametrize("body, loc", [
    ([], ["body"]), ("logistic", ["body"]), ({"window": 49}, ["body", "window"]), ({"window": -1}, ["body", "window"]),
    ({"window": 10 ** 30}, ["body", "window"]), ({"family": 3}, ["body", "family"]),
    ({"promote": "later"}, ["body", "promote"]),
])
def test_a_bad_body_is_refused(client, body, loc):
    answer = client.post("/train/start", body)
    assert (answer.status, [fault["loc"] for fault in answer.json["detail"]]) == (422, [loc])


def test_a_member_that_is_not_known_is_refused_with_the_one_meant(client):
    before = client.get("/tasks?kind=training&limit=1000").json
    answer = client.post("/train/start", {"famly": "gbdt", "depth": 6})
    assert answer.status == 422
    faults = {fault["loc"][1]: fault["msg"] for fault in answer.json["detail"]}
    assert set(faults) == {"famly", "depth"}
    assert "is family meant?" in faults["famly"] and "known are family" in faults["depth"]
    assert client.get("/tasks?kind=training&limit=1000").json == before


def test_a_body_that_is_no_json_is_refused(client):
    assert client.post("/train/start", body="{}").status == 415
    answer = client.post("/train/start", body="{", headers={"Content-Type": "application/json"})
    assert answer.status == 422


# One at a time.

def test_one_training_at_a_time(waiting_client):
    task = start_training(waiting_client)
    status = training(waiting_client, task)
    assert list(status)[:3] == STATUS_KEYS[:3] and set(STATUS_KEYS) <= set(status)
    assert (status["status"], status["state"], status["progress"], status["model_id"]) == ("PENDING", "ready", 0, None)
    answer = waiting_client.post("/train/start", {"family": "mlp"})
    assert answer.status == 409 and isinstance(answer.json["detail"], str)
    assert [row["task_id"] for row in waiting_client.get("/tasks?kind=training&state=ready").json] == [task]


def test_a_waiting_training_is_cancelled_and_the_next_may_start(waiting, waiting_client):
    task = start_training(waiting_client)
    answer = waiting_client.post(f"/train/cancel/{task}")
    assert (answer.status, answer.json) == (200, {"task_id": task, "status": "REVOKED", "type": "training"})
    assert waiting_client.post(f"/train/cancel/{task}").json == answer.json
    assert [told["status"] for told in read_events(waiting, task)] == ["REVOKED"]
    assert start_training(waiting_client) != task


def test_a_repeated_start_is_one_training(waiting_client):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = waiting_client.post("/train/start", {"family": "logistic"}, headers=key)
    again = waiting_client.post("/train/start", {"family": "logistic"}, headers=key)
    assert (first.status, again.status, again.headers["Idempotency-Replayed"]) == (200, 200, "true")
    assert again.json == first.json
    assert waiting_client.post("/train/start", {"family": "mlp"}, headers=key).status == 409


def test_a_training_is_no_inference(waiting_client):
    task = start_training(waiting_client)
    assert waiting_client.get(f"/inference/results/{task}").status in (404, 409)
    assert waiting_client.get(f"/content/results?task_id={task}").status == 404


def test_an_inference_is_no_training(client):
    task = finished(client)
    for answer in (client.get(f"/train/status/{task}"), client.get(f"/train/events/{task}"),
                   client.post(f"/train/cancel/{task}")):
        assert (answer.status, answer.json) == (404, {"detail": "Task not found"})


@pytest.mark.parametrize("method, path", [("GET", "status"), ("GET", "events"), ("POST", "cancel")])
@pytest.mark.parametrize("task", [UNKNOWN_TASK, "nonsense"])
def test_an_unknown_training_is_not_found(client, method, path, task):
    answer = client.request(method, f"/train/{path}/{task}")
    assert (answer.status, answer.json) == (404, {"detail": "Task not found"})


# What it tells and keeps.

def test_progress_grows_until_it_is_cancelled(busy):
    with busy.client() as client:
        before = models(client)
        task = start_training(client, family="gbdt")

        def cancel_after_some(status):
            if status["status"] == "STARTED" and status["progress"] > 0.05:
                client.post(f"/train/cancel/{task}")

        told = read_events(busy, task, cancel_after_some)
        assert told[-1]["status"] == "REVOKED" and told[-1]["model_id"] is None
        assert {status["status"] for status in told[:-1]} <= {"PENDING", "STARTED"}
        running = [status for status in told if status["status"] == "STARTED" and "phase" in status]
        shares = [status["progress"] for status in running]
        assert shares == sorted(shares) and 0.05 < shares[-1] < 1
        assert running[-1]["epochs"] > running[-1]["epoch"] > 0 and running[-1]["loss"] > 0
        # The next training runs at once, and its model is the only new one.
        number = trained(client, family="random", promote="manual")
        assert training(client, task)["status"] == "REVOKED"
        assert [row["model_id"] for row in models(client)] == [row["model_id"] for row in before] + [number]


def test_events_end_with_success(busy):
    with busy.client() as client:
        task = start_training(client, family="popularity", dry_run=True)
        told = read_events(busy, task)
        assert (told[-1]["status"], told[-1]["progress"]) == ("SUCCESS", 1)
        assert [status["status"] for status in told].count("SUCCESS") == 1
        assert [row["status"] for row in read_events(busy, task)] == ["SUCCESS"]


def test_a_training_does_not_keep_guests_waiting(busy):
    with busy.client() as client:
        task = start_training(client, family="gbdt", dry_run=True)
        wait_until(lambda: training(client, task)["status"] == "STARTED", what="the start")
        for _ in range(5):
            finished(client)
        assert training(client, task)["status"] == "STARTED"
        client.post(f"/train/cancel/{task}")


def test_an_ended_training_cannot_be_cancelled(client):
    task = start_training(client, family="random")
    assert ended(client, task)["status"] == "SUCCESS"
    answer = client.post(f"/train/cancel/{task}")
    assert answer.status == 409 and "succeeded" in answer.json["detail"]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_trains_and_answers(client, family):
    number = trained(client, family=family, promote="manual")
    made = model(client, number)
    assert (made["family"], made["champion"]) == (family, False)
    promoted(client, number)
    task = wait_until(lambda: answered_by(client, number), what=f"an answer of model {number}")
    scores = [row["score"] for row in stored_results(client, task)]
    assert scores == sorted(scores, reverse=True) and len(set(scores)) > 1


def answered_by(client, number):
    """A task that this model ranked, or nothing."""
    task = finished(client)
    before = model(client, number)["counts"]["shown"]
    assert client.get(f"/inference/results/{task}").status == 200
    return task if model(client, number)["counts"]["shown"] == before + 1 else None


def test_a_dry_run_keeps_no_model(client):
    before, events = models(client), history(client)
    status = ended(client, start_training(client, family="logistic", dry_run=True))
    assert (status["status"], status["model_id"]) == ("SUCCESS", None)
    assert status["verdict"] == status["gate"]["verdict"] and status["verdict"] in ("promote", "reject", "insufficient_evidence")
    assert status["gate"]["reasons"]
    assert [row["model_id"] for row in models(client)] == [row["model_id"] for row in before]
    assert history(client) == events


def test_a_training_that_cannot_succeed_says_why():
    with Server(env=QUICK) as server, server.client() as client:
        disliked = [json.dumps({**json.loads(line), "picked": []}) for line in past_requests(60).splitlines()]
        import_history(client, "\n".join(disliked))
        task = start_training(client)
        status = ended(client, task)
        assert (status["status"], status["model_id"]) == ("FAILURE", None) and "positive" in status["error"]
        assert [told["status"] for told in read_events(server, task)] == ["FAILURE"]
        assert models(client) == [] and history(client) == []
        counted(client, failed=1)
        import_history(client, past_requests(60))
        assert client.post(f"/tasks/{task}/retry").json["state"] == "ready"
        assert ended(client, task)["status"] == "SUCCESS"


def test_the_gate_promotes_by_itself_or_leaves_it_to_people(evidence_data):
    with Server(env=QUICK, copy_of=evidence_data) as server, server.client() as client:
        first = trained(client, family="logistic", promote="manual")
        assert (model(client, first)["verdict"], champion(client)) == ("promote", None)
        second = trained(client, family="logistic")
        assert (model(client, second)["verdict"], champion(client)) == ("promote", second)
        assert [(event["what"], event["model_id"]) for event in history(client)] == [
            ("trained", first), ("promoted", second)]
        third = trained(client, family="random")
        assert (model(client, third)["verdict"], champion(client)) == ("reject", second)
        counted(client, promote=2, reject=1)


def test_promotion_is_manual_when_a_setting_says_so(evidence_data):
    env = {**QUICK, "RANKLOOP_TRAINING_PROMOTE": "manual", "RANKLOOP_TRAINING_FAMILY": "popularity"}
    with Server(env=env, copy_of=evidence_data) as server, server.client() as client:
        number = trained(client)
        assert (model(client, number)["family"], champion(client)) == ("popularity", None)
        number = trained(client, promote="auto", family="logistic")
        assert champion(client) == number


def test_the_gate_leaves_its_evidence(client):
    number = trained(client, family="random", promote="manual")
    event = history(client)[-1]
    assert (event["model_id"], event["actor"]) == (number, "gate") and event["reason"]
    evidence = event["detail"]
    assert model(client, number)["gate"] == evidence
    low, high = evidence["ci"]
    assert low <= evidence["delta"] <= high
    assert (evidence["metric"], evidence["margin"]) == ("ndcg@10", 0)
    looks = evidence["looks"]
    assert evidence["confidence"] == pytest.approx(1 - 0.05 / (looks * (looks + 1)))  # all looks share the error
    assert evidence["n_requests"] >= 20 and evidence["looks"] >= 1 and evidence["left_out"] >= 0
    assert {guard["name"] for guard in evidence["guardrails"]} == {
        "latency_ratio", "calibration_error", "catalog_share"}
    assert sum(row["requests"] for row in evidence["logged_by"]) == evidence["n_requests"] + evidence["left_out"]


# By itself.

def test_it_retrains_by_itself_after_so_many_outcomes(evidence_data):
    env = {**QUICK, "RANKLOOP_TRAINING_EVERY": "350"}
    with Server(env=env, copy_of=evidence_data) as server, server.client() as client:
        first = wait_until(lambda: models(client), what="the first training")[0]["model_id"]
        lineage = model(client, first)["lineage"]
        assert "new requests with an outcome" in lineage["cause"] and lineage["requests"] == 400
        import_history(client, past_requests(349))
        task = start(client)  # the maintainer goes on meanwhile
        assert client.get(f"/inference/status/{task}?wait=30s").json["status"] == "SUCCESS"
        assert len(models(client)) == 1
        import_history(client, past_requests(1, seed=2))
        second = wait_until(lambda: models(client)[1:], what="the second training")[0]["model_id"]
        assert model(client, second)["lineage"]["requests"] == 750


def test_the_first_model_takes_over_from_the_random_order():
    # With the gate as it is shipped: a random order shows everything and takes no time, which must not count.
    with Server(env={"RANKLOOP_BASELINE": "false"}) as server, server.client() as client:
        traffic(server, 1500)
        number = trained(client)
        assert champion(client) == number, model(client, number)["gate"]


def test_it_retrains_by_itself_when_a_feature_drifts(evidence_data):
    env = {**QUICK, "RANKLOOP_TRAINING_DRIFT": "0.25", "RANKLOOP_TRAINING_WINDOW": "400"}
    with Server(env=env, copy_of=evidence_data) as server, server.client() as client:
        trained(client, family="logistic")
        import_history(client, past_requests(400, budget=9000.0, people_num=1, people_age=[88]))
        second = wait_until(lambda: models(client)[1:], 40, what="the training that the drift causes")[0]["model_id"]
        assert "drift" in model(client, second)["lineage"]["cause"]
