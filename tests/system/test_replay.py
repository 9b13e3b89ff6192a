"""Past requests, ranked again: the same bit by bit after whatever has happened since, or with something changed."""

import contextlib
import random
import sqlite3

import pytest

from guests import GUEST, UNKNOWN_TASK, finished, results, select
from learning import QUICK, promoted, ranked_by, trained
from rankloop_process import Server, wait_until

SEEN = 60


def replayed(client, task, **body):
    answer = client.post(f"/inference/replay/{task}", json=body) if body else client.post(f"/inference/replay/{task}")
    assert answer.status == 200, answer
    return answer.json


def window(client, **body):
    answer = client.post("/replays", json=body)
    assert answer.status == 200, answer

    def ended():
        status = client.get(f"/replays/{answer.json['task_id']}")
        assert status.status == 200, status
        assert status.json["status"] != "FAILURE", status
        return status.json if status.json["status"] == "SUCCESS" else None
    return wait_until(ended, 60, "the replay")


@pytest.fixture(scope="module")
def past(evidence_data):
    """Requests by two models, some in random order, between changes of the catalog and a restart."""
    env = {**QUICK, "RANKLOOP_EXPLORATION_SHARE": "0.3"}
    draw = random.Random(5)
    with Server(env=env, copy_of=evidence_data) as server:
        tasks = []
        for family in ("logistic", "mlp"):
            with server.client() as client:
                number = trained(client, family=family, promote="manual")
                promoted(client, number)
                ranked_by(client, number)
                for _ in range(SEEN // 2):
                    more = {"candidates": draw.sample(range(1, 211), 30)} if draw.random() < 0.3 else {}
                    task = finished(client, {**GUEST, **more, "budget": draw.randint(50, 400)})
                    tasks.append(task)
                    results(client, task, limit=10)
                    if draw.random() < 0.2:
                        item = draw.randint(1, 210)
                        assert client.request("PATCH", f"/items/{item}", json={"price": draw.randint(10, 300)}).status == 200
                assert client.request("DELETE", f"/items/{len(tasks)}").status in (200, 204)
            server.stop()
            server.start()
        yield server, tasks


@pytest.fixture
def client(past):
    with past[0].client() as client:
        yield client


def test_every_request_comes_out_as_it_was(past, client):
    policies = set()
    for task in past[1]:
        again = replayed(client, task)
        assert (again["as_it_was"], again["same"], again["first_difference"], again["remarks"]) == (True, True, None, [])
        assert [item["before"] for item in again["items"]] == list(range(1, len(again["items"]) + 1))
        policies.add(again["items"][0]["propensity"] < 0.1)
    assert policies == {True, False}  # of both orders there were some


def test_a_replay_changes_nothing(past, client):
    path = past[0].data_dir / "rankloop.db"
    def state():
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as ledger:
            return [ledger.execute(f"SELECT count(*) FROM {table}").fetchone() for table in ("inferences", "rankings", "exposures", "tasks")]
    before = state()
    replayed(client, past[1][0], catalog="now", limit=200)
    assert state() == before


def test_what_if(past, client):
    task = past[1][0]
    other = replayed(client, task, model_id=2, explore=0, limit=210)
    assert (other["model_id"], other["family"], other["as_it_was"]) == (2, "mlp", False)
    assert not other["same"] and other["first_difference"] >= 1
    now = replayed(client, task, catalog="now")
    assert now["catalog_version"] > replayed(client, task)["catalog_version"]
    drawn = replayed(client, task, explore=1)
    assert len({item["propensity"] for item in drawn["items"]}) > 1
    assert replayed(client, task, explore=1) == drawn  # by the seed of then
    assert len(replayed(client, task, limit=3)["items"]) == 3


@pytest.mark.parametrize(("body", "named"), [
    ({"model_id": -1}, "model_id"), ({"explore": 2}, "explore"), ({"catalog": "later"}, "catalog"),
    ({"catalog": "now", "catalog_version": 1}, "catalog"), ({"limit": 0}, "limit"), ([], "body"),
])
def test_what_it_does_not_take(past, client, body, named):
    answer = client.post(f"/inference/replay/{past[1][0]}", json=body)
    assert answer.status == 422, answer
    assert named in str(answer.json["detail"])


def test_what_cannot_be_ranked_again(past, client):
    assert client.post(f"/inference/replay/{UNKNOWN_TASK}").status == 404
    assert client.post(f"/inference/replay/{past[1][0]}", json={"model_id": 99}).status == 404
    assert client.post(f"/inference/replay/{past[1][0]}", json={"catalog_version": 10 ** 6}).status == 422
    assert client.get(f"/replays/{past[1][0]}").status == 404


def test_a_window_of_them(past, client):
    plain = window(client)["result"]
    assert plain["requests"] == plain["same"] >= SEEN
    assert (plain["first_changed"], plain["overlap"], plain["winners"], plain["losers"]) == (0, 1, [], [])
    other = window(client, newest=40, model_id=1, explore=0)["result"]
    assert 0 < other["requests"] <= 40
    assert other["same"] < other["requests"] and other["overlap"] < 1
    assert other["winners"] and other["losers"] and other["most_changed"]
    assert all(item["now"] > item["before"] for item in other["winners"])
    assert all(item["now"] < item["before"] for item in other["losers"])
    least = [entry["overlap"] for entry in other["most_changed"]]
    assert least == sorted(least)


def test_a_window_of_a_model_that_is_not_there_is_told(past, client):
    assert window(client, newest=5, model_id=99)["result"]["left_out"] == [{"reason": "Model not found", "requests": 5}]


def test_a_window_takes_no_nonsense(client):
    assert client.post("/replays", json={"newest": 0}).status == 422
    assert "catalog_version" in str(client.post("/replays", json={"catalog_version": 10 ** 6}).json["detail"])
