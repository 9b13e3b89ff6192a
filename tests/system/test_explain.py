"""Why an item stands where it stands, and how far the guests have drifted from those of the training."""

import json
import math

import pytest

from guests import GUEST, UNKNOWN_TASK, finished, select, start, stored_results
from learning import FAMILIES, QUICK, import_history, past_requests, promoted, ranked_by, trained, traffic
from rankloop_process import Server, wait_until

KEYS = ["task_id", "location_id", "model_id", "family", "policy", "placed_by", "position", "propensity", "score", "probability", "base",
        "contributions", "histories"]


@pytest.fixture(scope="module")
def explainer(evidence_data):
    with Server(env=QUICK, copy_of=evidence_data) as server:
        yield server


@pytest.fixture
def client(explainer):
    with explainer.client() as client:
        yield client


def explanation(client, task, item):
    answer = client.get(f"/inference/explain/{task}/{item}")
    assert answer.status == 200, answer
    assert list(answer.json) == KEYS
    return answer.json


def added_up(why):
    return why["base"] + sum(part["contribution"] for part in why["contributions"])


@pytest.mark.parametrize("family", FAMILIES)
def test_contributions_add_up_to_the_score(client, family):
    number = trained(client, family=family, promote="manual")
    promoted(client, number)
    task = ranked_by(client, number)
    rows = stored_results(client, task)
    for position in (1, 2, 10, 105, 210):
        row = rows[position - 1]
        why = explanation(client, task, row["location_id"])
        assert (why["task_id"], why["location_id"], why["position"]) == (task, row["location_id"], position)
        assert (why["family"], why["model_id"]) == (family, number)
        assert (why["policy"], why["propensity"]) == ({"name": "uniform" if family == "random" else "greedy", "parameters": {}}, pytest.approx(1 / (211 - position)) if family == "random" else 1)
        assert why["score"] == pytest.approx(row["score"], abs=1e-6)
        assert 0 <= why["probability"] <= 1
        sizes = [abs(part["contribution"]) for part in why["contributions"]]
        assert sizes == sorted(sizes, reverse=True)
        if family != "random":  # a draw has no reasons
            assert added_up(why) == pytest.approx(math.log(row["score"] / (1 - row["score"])), abs=1e-3)


def test_a_random_order_has_no_reasons():
    with Server(env=QUICK) as server, server.client() as client:
        task = finished(client)
        row = stored_results(client, task)[0]
        why = explanation(client, task, row["location_id"])
        assert (why["model_id"], why["family"], why["position"]) == (None, "random", 1)
        assert all(part["contribution"] == 0 for part in why["contributions"])


def test_values_are_those_that_were_ranked(evidence_data):
    with Server(env=QUICK, copy_of=evidence_data) as server:
        with server.client() as client:
            promoted(client, trained(client, family="logistic", promote="manual"))
            task = ranked_by(client, 1)
            item = stored_results(client, task)[4]["location_id"]
            before = explanation(client, task, item)
            price = next(part["value"] for part in before["contributions"] if part["feature"] == "price")
            assert price == pytest.approx(client.get(f"/content/location/{item}").json["price"], rel=1e-6)
            assert client.request("PATCH", f"/items/{item}", json={"price": price + 1000}).status == 200
            assert explanation(client, task, item) == before
        server.stop()
        server.start()
        with server.client() as client:
            assert explanation(client, task, item) == before
            assert client.request("DELETE", f"/items/{item}").status == 204
            assert explanation(client, task, item) == before


def test_what_was_not_ranked_cannot_be_explained(client):
    task = finished(client, candidates=[1, 2, 3])
    assert client.get(f"/inference/explain/{task}/2").status == 200
    for path, detail in ((f"{task}/4", "Result not found"), (f"{task}/999999", "Result not found"),
                         (f"{task}/x", "Result not found"), (f"{UNKNOWN_TASK}/1", "Task not found"),
                         ("nonsense/1", "Task not found")):
        answer = client.get(f"/inference/explain/{path}")
        assert answer.status == 404 and answer.json["detail"].startswith(detail), (path, answer)


def test_imported_history_has_no_model_to_explain_it(client):
    import_history(client, past_requests(1))
    imported = client.get("/tasks?kind=inference&limit=1").json[0]["task_id"]
    item = stored_results(client, imported)[0]["location_id"]
    answer = client.get(f"/inference/explain/{imported}/{item}")
    assert answer.status == 409 and "Another system" in answer.json["detail"], answer


def test_a_task_that_waits_cannot_be_explained(evidence_data):
    with Server("--workers", "0", env=QUICK, copy_of=evidence_data) as server, server.client() as client:
        task = start(client)
        answer = client.get(f"/inference/explain/{task}/1")
        assert answer.status == 409 and "ready" in answer.json["detail"]


def test_a_list_is_told_in_another_models_order(client):
    number = trained(client, family="logistic", promote="manual")
    task = finished(client)
    before = [row["location_id"] for row in stored_results(client, task)]
    other = client.get(f"/inference/reorder/{task}/{number}")
    assert other.status == 200, other
    assert (other.json["task_id"], other.json["model_id"], other.json["family"]) == (task, number, "logistic")
    items = other.json["items"]
    assert sorted(item["location_id"] for item in items) == sorted(before)
    assert all(before[item["before"] - 1] == item["location_id"] for item in items)
    for item in items[:3]:
        assert item["propensity"] == explanation(client, task, item["location_id"])["propensity"]
    scores = [item["score"] for item in items]
    assert scores == sorted(scores, reverse=True) and scores[0] > scores[-1]
    for path, detail in ((f"{task}/999", "Model not found"), (f"{task}/0", "Model not found"),
                         (f"{UNKNOWN_TASK}/{number}", "Task not found")):
        answer = client.get(f"/inference/reorder/{path}")
        assert answer.status == 404 and answer.json["detail"].startswith(detail), (path, answer)


def test_a_model_says_what_moves_its_scores(client):
    number = trained(client, family="logistic", promote="manual")
    told = client.get(f"/models/{number}/importance")
    assert told.status == 200 and told.json["rows"] > 0, told
    sizes = [feature["importance"] for feature in told.json["features"]]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] > 0
    assert client.get("/models/999/importance").status == 404


def test_performance_counts_what_was_shown_and_picked():
    with Server(env=QUICK) as server, server.client() as client:
        nothing = client.get("/monitoring/performance").json
        assert (nothing["requests"], nothing["models"], nothing["from"]) == (0, [], None)
    with Server(env=QUICK) as server, server.client() as client:
        traffic(server, 200, "--seed", 3)
        report = client.get("/monitoring/performance").json
        counts = [model["counts"] for model in client.get("/models").json if model["counts"]["shown"]]
        assert report["requests"] == sum(model["shown"] for model in report["models"]) == 200
        for name in ("shown", "picked", "none"):
            told = [model[name] for model in report["models"] if model["model_id"] is not None]
            assert told == [count[name] for count in counts]
            assert sum(model[name] for period in report["periods"] for model in period["models"]) == \
                sum(model[name] for model in report["models"])
        for model in report["models"]:
            assert model["pick_rate_ci"][0] < model["pick_rate"] < model["pick_rate_ci"][1]
        assert [one["position"] for one in report["positions"]] == list(range(1, 11))
        items = client.get("/monitoring/items?limit=10000").json
        assert sum(item["shown"] for item in items["items"]) == sum(one["shown"] for one in report["positions"])
        assert len(items["items"]) == items["shown_items"] <= 210
        assert client.get("/monitoring/items?limit=0").status == 422


# Drift.

def drift(client):
    answer = client.get("/monitoring/drift")
    assert answer.status == 200, answer
    return answer.json


def greatest(report):
    """Of who asks: what is shown changes with the model."""
    return max(feature["stability_index"] for feature in report["features"] if feature["side"] == "request")


def drifted(evidence_data, tell):
    """The drift that a server reports after `tell(server, client)`; a report is at most as old as its process."""
    with Server(env=QUICK, copy_of=evidence_data) as server:
        with server.client() as client:
            promoted(client, trained(client, family="logistic", promote="manual"))
            tell(server, client)
        server.stop()
        server.start()
        with server.client() as client:
            report = drift(client)
            assert report["model_id"] == 1
            return report


def test_without_a_champion_there_is_nothing_to_compare_with():
    with Server(env=QUICK) as server, server.client() as client:
        assert drift(client) == {"model_id": None, "requests": 0, "rows": 0, "telling_requests": 200, "features": []}


def test_the_same_guests_do_not_drift_and_noisy_ones_do(evidence_data):
    same = drifted(evidence_data, lambda server, client: traffic(server, 300, "--seed", 5))
    other = drifted(evidence_data, lambda server, client: traffic(server, 600, "--seed", 5, "--profile", "noisy"))
    names = [feature["feature"] for feature in same["features"]]
    assert len(names) == 30 and names == [feature["feature"] for feature in other["features"]]
    for report in (same, other):
        for feature in report["features"]:
            assert len(feature["shares"]) == len(feature["recent"]) == len(feature["edges"]) + 2
            assert sum(feature["shares"]) == pytest.approx(1, abs=1e-6)
            assert sum(feature["recent"]) == pytest.approx(1, abs=1e-6)
            assert feature["stability_index"] >= 0
    budgets = [next(f for f in report["features"] if f["feature"] == "budget")["stability_index"]
               for report in (same, other)]
    assert greatest(other) > greatest(same), (greatest(same), greatest(other), budgets)


def test_one_feature_that_moves_is_named(evidence_data):
    report = drifted(evidence_data, lambda server, client: import_history(client, past_requests(900, nights=60)))
    index = {feature["feature"]: feature["stability_index"] for feature in report["features"]}
    assert index["nights"] > 1
    assert index["sport"] < 0.1 or index["nights"] > index["sport"]


@pytest.mark.parametrize("family", ["logistic", "mlp", "gbdt"])
def test_the_largest_numbers_have_an_explanation_in_numbers(evidence_data, family):
    def no_json(word):
        raise AssertionError(f"{word} is no JSON")

    with Server(env=QUICK, copy_of=evidence_data) as server, server.client() as client:
        number = trained(client, family=family, promote="manual")
        promoted(client, number)
        assert client.request("PATCH", "/items/7", json={"price": 1e308}).status == 200
        task = finished(client, {**GUEST, "budget": 1e308})
        shown = json.loads(client.get(f"/inference/results/{task}?limit=210").text, parse_constant=no_json)
        assert all(math.isfinite(row["score"]) for row in shown)
        assert select(client, task, 7).status == 200
        for path in (f"/models/{number}/importance", f"/inference/explain/{task}/7", f"/models/{number}", "/drift"):
            answer = client.get(path)
            assert answer.status in (200, 404), answer
            json.loads(answer.text, parse_constant=no_json)
