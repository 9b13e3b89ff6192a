"""What another model would have earned: by the server, by the command, and by a file of the same lists."""

import json
import signal

import pytest

from evaluations import ended, evaluated, started
from guests import GUEST, UNKNOWN_TASK, finished, results, select
from learning import QUICK, promoted, trained
from rankloop_process import Server, run, wait_until

EXPLORING = {**QUICK, "RANKLOOP_EXPLORATION_SHARE": "0.3"}
REQUESTS = 120


def ask_and_pick(client, number):
    """Somebody sees ten places and takes the one with the smallest number, or none."""
    task = finished(client, {**GUEST, "nights": 1 + number % 8}, user_key=f"guest-{number // 2}")
    best = min(row["location_id"] for row in results(client, task))
    assert select(client, task, best if best < 60 else -1).status == 200


@pytest.fixture(scope="module")
def explored_data(evidence_data, tmp_path_factory):
    """A logistic champion (1), a popularity model (2), and lists of the champion, three in ten of them uniform."""
    folder = tmp_path_factory.mktemp("explored")
    with Server(data_dir=folder, env=EXPLORING, copy_of=evidence_data) as server:
        with server.client() as client:
            promoted(client, trained(client, family="logistic", promote="manual"))
            trained(client, family="popularity", promote="manual")
            for number in range(REQUESTS):
                ask_and_pick(client, number)
        server.stop()
    return folder


@pytest.fixture
def server(explored_data):
    with Server(env=EXPLORING, copy_of=explored_data) as server:
        yield server


def test_a_model_is_evaluated_as_a_task(server):
    with server.client() as client:
        task = started(client, model_id=2, explore=0.1, window=REQUESTS)
        status = ended(client, task)
        assert (status["status"], status["state"], status["progress"], status["error"]) == ("SUCCESS", "succeeded", 1, None)
        assert (status["request"]["model_id"], status["request"]["explore"]) == (2, 0.1)
        found = status["evaluation"]
        assert found["target"] == {"model_id": 2, "family": "popularity", "explore": 0.1, "explore_by": "uniform"}
        assert found["requests"]["used"] == REQUESTS
        assert 0.1 < found["logs"]["randomised_share"] < 0.6
        assert found["logs"]["policies"] == [{"policy": "epsilon_greedy", "requests": REQUESTS}]
        assert found["logs"]["models"] == [{"model_id": 1, "requests": REQUESTS}]
        assert found["logs"]["eligible_items"] == 210
        assert found["logs"]["ranked_again"]["differing"] == 0
        newest = client.get("/evaluations").json
        assert [one["task_id"] for one in newest] == [task] and "evaluation" not in newest[0]
        assert client.get(f"/tasks/{task}").json["type"] == "evaluation"


def test_the_logs_own_way_earns_what_the_log_did(server):
    with server.client() as client:
        report = evaluated(client, window=REQUESTS, policy="champion", explore=0.3)["report"]
        assert report["refusals"] == [] and report["people"] == REQUESTS / 2
        values = {each["estimator"]: each["value"] for each in report["estimates"]}
        for name in ("ips", "snips", "rips"):
            assert values[name] == pytest.approx(report["logged"]["value"], abs=1e-9)
        assert {"dm", "dr", "sndr", "switch_dr", "dros", "cascade_dr"} <= set(values)


@pytest.mark.parametrize("asked", [("random",), ("1", "--explore", "0.6")])
def test_a_file_of_the_same_lists_says_the_same(explored_data, tmp_path, asked):
    data, log = tmp_path / "data", tmp_path / "lists.tsv"
    data.mkdir()
    with Server(data_dir=data, env=EXPLORING, copy_of=explored_data) as server:
        server.stop()
    by_store = run("evaluate", "policy", "--model", *asked, "--include-trained", "--data-dir", data, "--log", log,
                   "--json", env=EXPLORING)
    assert by_store.returncode == 0, by_store.stderr + by_store.stdout
    by_file = run("evaluate", "policy", log, "--json")
    assert by_file.returncode == 0, by_file.stderr
    theirs, ours = json.loads(by_file.stdout), json.loads(by_store.stdout)["report"]
    assert (theirs["lists"], theirs["people"], theirs["items"]) == (ours["lists"], ours["people"], ours["items"])
    assert {"ips", "dr", "pbm", "pbm_dr"} <= {each["estimator"] for each in ours["estimates"]}
    assert [each["estimator"] for each in theirs["estimates"]] == [each["estimator"] for each in ours["estimates"]]
    for one, other in zip(theirs["estimates"], ours["estimates"]):
        assert one["value"] == pytest.approx(other["value"], abs=1e-9)
        assert one["interval"] == pytest.approx(other["interval"], abs=1e-9)
    for name in ("effective", "largest", "mean", "mean_error"):
        assert theirs["weights"][name] == pytest.approx(ours["weights"][name], rel=1e-9)


def test_a_command_asks_the_server(server):
    outcome = run("evaluate", "policy", "--model", "champion", "--explore", "0.3", "--window", REQUESTS, "--url", server.url)
    assert outcome.returncode == 0, outcome.stderr
    for words in ("logistic 1, of which 30 % explores: 120 of 120 requests", "95 % interval", "the log's own", "ips"):
        assert words in outcome.stdout
    assert run("evaluate", "policy", "--model", "99", "--url", server.url).returncode == 2
    assert run("evaluate", "policy", "--model", "1", "lists.tsv").returncode == 2


def test_what_the_log_cannot_tell_is_refused_with_the_next_step(evidence_data, tmp_path):
    with Server(env=QUICK, copy_of=evidence_data) as server, server.client() as client:
        promoted(client, trained(client, family="logistic", promote="manual"))
        for number in range(5):
            ask_and_pick(client, number)
        found = evaluated(client, policy="champion", window=5)
        assert found["report"]["estimates"] == []
        assert found["report"]["refusals"]
        reasons = {each["reason"]: each["requests"] for each in found["requests"]["left_out"]}
        assert reasons["deterministic"] == 5
        assert any("exploration.share = 0.05" in step for step in found["next_steps"])
        outcome = run("evaluate", "policy", "--model", "champion", "--window", "5", "--url", server.url)
        assert outcome.returncode == 1 and "NO ANSWER" in outcome.stdout and "what would help" in outcome.stdout


def test_inputs_are_checked_and_a_key_is_kept(server):
    with server.client() as client:
        for body, place in (({"model_id": 0}, "model_id"), ({"explore": 2}, "explore"), ({"since": "then"}, "since"),
                            ({"policy": "best"}, "policy"), ({"positions": 31}, "positions"), ({"modelid": 1}, "modelid")):
            answer = client.post("/evaluations", body)
            assert answer.status == 422 and answer.json["detail"][0]["loc"][-1] == place, answer
        assert client.post("/evaluations", {"model_id": 99}).status == 404
        assert client.get(f"/evaluations/{UNKNOWN_TASK}").status == 404
        inference = finished(client, GUEST)
        assert client.get(f"/evaluations/{inference}").status == 404
        key = {"Idempotency-Key": "once"}
        first = client.post("/evaluations", {"model_id": 1}, headers=key)
        again = client.post("/evaluations", {"model_id": 1}, headers=key)
        assert first.json["task_id"] == again.json["task_id"]
        assert again.headers["Idempotency-Replayed"] == "true"
        ended(client, first.json["task_id"])


def test_an_evaluation_that_is_cancelled_or_killed_ends_once(server):
    with server.client() as client:
        task = started(client, model_id=2, folds=10, family="gbdt")
        assert client.post("/evaluations", {"model_id": 1}).status == 409  # one at a time
        assert client.post(f"/evaluations/{task}/cancel").json["status"] == "REVOKED"
        assert ended(client, task)["evaluation"] is None
        task = started(client, model_id=2, folds=10, family="gbdt", window=REQUESTS)
        wait_until(lambda: client.get(f"/evaluations/{task}").json["status"] == "STARTED", what="its begin")
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    server.start()
    with server.client() as client:
        status = ended(client, task, 90)
        assert status["status"] == "SUCCESS", status
        assert status["evaluation"]["requests"]["used"] == REQUESTS


def test_a_guest_may_not_ask(explored_data):
    env = {**EXPLORING, "RANKLOOP_AUTH_TOKEN": "operator-token-0123456789", "RANKLOOP_AUTH_GUEST_TOKEN": "guest-token-0123456789"}
    with Server(env=env, copy_of=explored_data) as server:
        with server.client(headers={"Authorization": "Bearer guest-token-0123456789"}) as client:
            assert client.post("/evaluations").status == 403
        with server.client() as client:
            assert client.get("/evaluations").status == 401


def test_a_way_that_explores_position_by_position_is_asked_about(server):
    """A warm softmax may show anything first, so that every list says something."""
    with server.client() as client:
        answer = client.post("/evaluations", {"policy": "champion", "explore_by": "softmax", "gamma": 3})
        assert answer.status == 422 and answer.json["detail"][0]["msg"] == "explore_by = squarecb has a gamma, and nothing else"
        found = ended(client, started(client, model_id=2, explore_by="softmax", temperature=2, positions=1, window=REQUESTS))["evaluation"]
        assert found["target"] == {"model_id": 2, "family": "popularity", "explore": 1, "explore_by": "softmax", "temperature": 2}
        assert found["report"]["items"] == REQUESTS and found["report"]["weights"]["effective"] > 0
        whole = ended(client, started(client, model_id=2, explore_by="softmax", temperature=2, positions=3, window=REQUESTS))["evaluation"]
        assert whole["report"]["weights"]["effective"] == 0 < whole["report"]["joint_weights"]["effective"]
        assert {estimate["estimator"] for estimate in whole["report"]["estimates"]} <= {"rips", "cascade_dr"}
