"""Feedback of many kinds: told one by one or many at once, once each, durable, and learned from."""

import csv
import io
import json
import random
import threading
import uuid

import pytest

from feedback_shop import DOMAIN, THINGS
from guests import results
from learning import LINES, QUICK, model, trained
from rankloop_process import Server, run, wait_until


@pytest.fixture(scope="module")
def domain(tmp_path_factory):
    file = tmp_path_factory.mktemp("domain") / "shop.toml"
    file.write_text(DOMAIN)
    return file


@pytest.fixture
def shop(domain):
    with Server("--domain", domain, "--empty", env=QUICK) as server:
        with server.client() as client:
            answer = client.request("POST", "/items:import", body=THINGS, headers={"Content-Type": "text/csv"})
            assert (answer.status, answer.json["created"]) == (200, 30), answer
        yield server


@pytest.fixture
def visitor(shop):
    with shop.client() as client:
        yield client


def shown(client, budget=10, limit=10, **fields):
    """A task, and what it showed."""
    answer = client.post("/inference/start?wait=30s", {"budget": budget, **fields})
    assert answer.status == 200, answer
    task = answer.json["task_id"]
    return task, [row["sku"] for row in results(client, task, limit)]


def tell(client, *events):
    answer = client.post("/feedback", list(events))
    assert answer.status == 200, answer
    told = answer.json
    outcomes = [event["outcome"] for event in told["events"]]
    assert {fate: outcomes.count(fate) for fate in ("accepted", "duplicate", "refused")} == {
        fate: told[fate] for fate in ("accepted", "duplicate", "refused")}
    return told["events"]


def test_each_event_is_answered_by_itself(visitor):
    task, items = shown(visitor)
    hidden = next(f"thing/{n}" for n in range(1, 31) if f"thing/{n}" not in items)
    told = tell(
        visitor,
        {"task_id": task, "sku": items[2], "kind": "cart"},
        {"task_id": task, "sku": items[2], "kind": "buy", "value": 19.9, "event_id": "order 1"},
        {"task_id": task, "sku": items[2], "kind": "buy", "value": 19.9, "event_id": "order 1"},
        {"task_id": task, "sku": items[0], "kind": "buy"},
        {"task_id": task, "sku": items[0], "kind": "buy", "value": 1001},
        {"task_id": task, "sku": items[0], "kind": "bye"},
        {"task_id": task, "sku": hidden, "kind": "cart"},
        {"task_id": str(uuid.uuid4()), "sku": items[0], "kind": "cart"},
        {"sku": items[0], "kind": "cart"},
        {"user_key": "ann", "sku": "thing/7", "kind": "buy", "value": 5, "at": "2026-01-01T00:00:00Z"},
        {"user_key": "ann", "sku": "nothing", "kind": "cart"},
        {"user_key": "ann", "sku": "thing/7", "kind": "cart", "at": "2126-01-01T00:00:00Z"},
        {"task_id": task, "kind": "none"},
        7,
        {"task_id": task, "sku": items[2], "kind": "cart", "wieght": 0.5},
    )
    assert [event["outcome"] for event in told] == [
        "accepted", "accepted", "duplicate", "refused", "refused", "refused", "refused", "refused", "refused", "accepted",
        "refused", "refused", "accepted", "refused", "refused"]
    for at, words in {3: "a buy needs a value: 0 to 1000", 4: "not 1001", 5: "should be one of pick, none, cart, buy, dislike",
                      6: "never shown", 7: "Task not found", 8: "needs a task_id, or a user_key", 10: 'no thing "nothing"',
                      11: "still to come", 14: "wieght: an event has no such member; is weight meant?"}.items():
        assert words.lower() in told[at]["reason"].lower(), (at, told[at])


def test_a_body_that_holds_no_events_is_refused(visitor):
    for body in ("text", [], [{}] * 1001):
        assert visitor.post("/feedback", body).status == 422, body
    assert visitor.post("/feedback", {"kind": "cart"}).json["refused"] == 1


def test_a_long_name_is_cut_between_characters(visitor):
    for letters in range(4):
        told, = tell(visitor, {"user_key": "ann", "sku": "thing/7", "kind": "cart", "x" * letters + "€" * 40: 1})
        assert told["outcome"] == "refused" and "€€: an event has no such member" in told["reason"]


def test_a_guest_tells_of_rankings_only(domain):
    with Server("--domain", domain, "--empty", env={**QUICK, "RANKLOOP_AUTH_TOKEN": "o" * 20,
                                                      "RANKLOOP_AUTH_GUEST_TOKEN": "g" * 20}) as server:
        with server.client(headers={"Authorization": "Bearer " + "o" * 20}) as operator:
            operator.request("POST", "/items:import", body=THINGS, headers={"Content-Type": "text/csv"})
        with server.client(headers={"Authorization": "Bearer " + "g" * 20}) as guest:
            task, items = shown(guest)
            told = tell(guest, {"task_id": task, "sku": items[0], "kind": "cart"},
                        {"user_key": "ann", "sku": "thing/7", "kind": "cart"})
            assert [event["outcome"] for event in told] == ["accepted", "refused"]
            assert "operator" in told[1]["reason"]


def test_what_was_answered_survives_a_kill(shop):
    """Eight tellers, a kill amid them: what was answered is a duplicate afterwards, and is never taken twice."""
    with shop.client() as client:
        task, items = shown(client, limit=30)
    answered, halt = [], threading.Event()

    def teller(number):
        with shop.client() as own:
            for turn in range(10_000):
                event = f"{number}-{turn}"
                try:
                    fate = own.post("/feedback", {"task_id": task, "sku": items[turn % 30], "kind": "cart", "event_id": event})
                except OSError:
                    return
                if fate.status == 200:
                    answered.append(event)
                if halt.is_set():
                    return

    tellers = [threading.Thread(target=teller, args=(number,)) for number in range(8)]
    for one in tellers:
        one.start()
    while len(answered) < 200:
        halt.wait(0.01)
    shop.kill()
    halt.set()
    for one in tellers:
        one.join()
    shop.start()
    with shop.client() as client:
        for start in range(0, len(answered), 1000):
            told = tell(client, *({"task_id": task, "sku": items[0], "kind": "cart", "event_id": event}
                                  for event in answered[start:start + 1000]))
            assert {event["outcome"] for event in told} == {"duplicate"}


def test_performance_tells_every_kind(visitor):
    for turn in range(4):
        task, items = shown(visitor)
        tell(visitor, {"task_id": task, "sku": items[1], "kind": "buy", "value": 10}, {"task_id": task, "sku": items[1], "kind": "buy", "value": 12},
             {"task_id": task, "sku": items[2], "kind": "cart"}, *([{"task_id": task, "kind": "none"}] if turn == 0 else []))
    told = {row["kind"]: row for row in visitor.get("/monitoring/performance").json["feedback"]}
    assert set(told) == {"buy", "cart", "none"}
    buy = told["buy"]
    assert (buy["model_id"], buy["requests"], buy["items"], buy["value"], buy["positions"][:3]) == (None, 4, 4, 48, [0, 4, 0])
    assert (told["none"]["requests"], told["none"]["items"]) == (1, 0)


def test_outcomes_are_told_of_the_kind_that_is_asked_for(visitor):
    for turn in range(4):
        task, items = shown(visitor)
        tell(visitor, {"task_id": task, "sku": items[1], "kind": "buy", "value": 10 + turn}, {"task_id": task, "sku": items[2], "kind": "cart"},
             *([{"task_id": task, "sku": items[0], "kind": "dislike"}] if turn == 0 else []))
    shown(visitor)  # of which nothing was told

    def outcomes(kind):
        told = visitor.get(f"/monitoring/performance?kind={kind}").json["outcomes"]
        assert told["kind"] == kind and [model["model_id"] for model in told["models"]] == [None]
        assert sum(model["shown"] for period in told["periods"] for model in period["models"]) == 5
        assert sum(model["worth"] for period in told["periods"] for model in period["models"]) == pytest.approx(told["models"][0]["worth"])
        return told

    def told_of(kind):
        model = outcomes(kind)["models"][0]
        return {name: model[name] for name in ("shown", "told", "items", "worth", "share", "mean")}

    assert told_of("buy") == {"shown": 5, "told": 4, "items": 4, "worth": 46, "share": 0.8, "mean": 9.2}
    assert told_of("cart") == {"shown": 5, "told": 4, "items": 4, "worth": 4, "share": 0.8, "mean": 0.8}
    assert told_of("dislike") == {"shown": 5, "told": 1, "items": 1, "worth": 1, "share": 0.2, "mean": 0.2}
    # 46 x 1 + 4 x 0.2 - 1
    assert told_of("reward") == pytest.approx({"shown": 5, "told": 4, "items": 8, "worth": 45.8, "share": 0.8, "mean": 9.16})
    assert told_of("value")["worth"] == 46 and told_of("pick")["told"] == 0
    buys = outcomes("buy")
    assert buys["valued"] and not outcomes("cart")["valued"] and outcomes("reward")["valued"]
    assert [(at["position"], at["told"], at["worth"]) for at in buys["positions"][:3]] == [(1, 0, 0), (2, 4, 46), (3, 0, 0)]
    assert buys["positions"][1]["mean"] == 9.2 and buys["positions"][1]["share_ci"][1] <= 1
    assert buys["models"][0]["mean_ci"][0] < 9.2 < buys["models"][0]["mean_ci"][1]


def test_position_bias_is_told_of_the_kind_that_is_asked_for(visitor):
    task, items = shown(visitor)
    tell(visitor, {"task_id": task, "sku": items[1], "kind": "buy", "value": 10})
    told = visitor.get("/monitoring/performance").json
    assert (told["chosen_by"], told["targets"]) == ("reward", ["reward", "value", "pick", "cart", "buy", "dislike"])
    assert visitor.get("/monitoring/performance?kind=buy").json["chosen_by"] == "buy"
    refused = visitor.get("/monitoring/performance?kind=stare")
    assert refused.status == 422 and "dislike" in refused.text


def test_every_kind_is_counted(visitor):
    task, items = shown(visitor)
    tell(visitor, {"task_id": task, "sku": items[1], "kind": "buy", "value": 10}, {"task_id": task, "sku": items[1], "kind": "buy", "value": 12},
         {"task_id": task, "sku": items[2], "kind": "cart"}, {"task_id": task, "kind": "none"}, {"task_id": task, "sku": items[2], "kind": "stare"},
         {"user_key": "ann", "sku": "thing/7", "kind": "buy", "value": 5})
    counted = visitor.get("/metrics").text
    for kind, of, times in (("buy", "ranking", 2), ("cart", "ranking", 1), ("none", "ranking", 1), ("pick", "ranking", 0),
                            ("dislike", "ranking", 0), ("buy", "elsewhere", 1), ("cart", "elsewhere", 0)):
        assert f'rankloop_feedback_events_total{{kind="{kind}",of="{of}"}} {times}\n' in counted
    assert "stare" not in counted
    assert "rankloop_feedback_bad_total 1\n" in counted and "rankloop_feedback_good_total 0\n" in counted


def test_an_experiment_is_judged_by_any_kind(visitor):
    names = [metric["metric"] for metric in visitor.get("/experiments/metrics").json]
    assert names == ["pick_rate", "value", "picks", "outcome_rate", "none_rate", "reward", "cart_rate", "buy_rate", "buy_value", "dislike_rate"]
    draft = {"name": "halves", "smallest_effect": 0.1, "primary": "buy_rate",
             "guardrails": [{"metric": "dislike_rate", "bound": 0.05}, {"metric": "reward", "bound": 0.5}],
             "arms": [{"name": name, "model_id": "champion", "share": 0.5} for name in ("control", "again")]}
    for turn in range(10):
        task, items = shown(visitor)
        if turn < 4:
            tell(visitor, {"task_id": task, "sku": items[0], "kind": "buy", "value": 10})
    made = visitor.post("/experiments", draft)
    assert made.status == 201, made.text
    number = made.json["experiment_id"]
    size = visitor.get("/experiments/size?baseline=0.4&effect=0.1").json["people"]
    assert made.json["planned_people"] == size, "by the rate of the ten lists"
    assert visitor.post(f"/experiments/{number}/start", {"reason": "a look"}).status == 200

    def journey(person):
        task, items = shown(visitor, user_key=person)
        tell(visitor, {"task_id": task, "sku": items[0], "kind": "buy", "value": 10},
             {"task_id": task, "sku": items[0], "kind": "buy", "value": 20}, {"task_id": task, "sku": items[1], "kind": "dislike"})
        return visitor.get(f"/experiments/{number}/requests").text

    wait_until(lambda: journey("ann").count("\n") > 1, what="an answer of an arm")
    for turn in range(12):
        journey(f"person {turn}")
    rows = list(csv.DictReader(io.StringIO(visitor.get(f"/experiments/{number}/requests").text)))
    assert len(rows) >= 12 and {(int(row["buy_rate"]), float(row["buy_value"]), int(row["dislike_rate"]), float(row["reward"])) for row in rows} == {(1, 20, 1, 19)}
    report = visitor.get(f"/experiments/{number}/report").json
    primary = report["metrics"][0]
    assert (primary["metric"], primary["primary"], primary["less_is_better"]) == ("buy_rate", True, False)
    by_name = {metric["metric"]: metric for metric in report["metrics"]}
    assert set(by_name) == set(names)
    assert by_name["dislike_rate"]["less_is_better"] and by_name["dislike_rate"]["bound"] == 0.05
    assert {arm["mean"] for arm in by_name["buy_value"]["arms"] if arm["requests"]} == {20}
    assert visitor.get(f"/experiments/{number}/segments?field=budget").json["segments"][0]["metric"] == "buy_rate"
    unknown = visitor.post("/experiments", {**draft, "primary": "stare_rate", "guardrails": [{"metric": "cart_value", "bound": 1}]})
    assert unknown.status == 422 and "buy_value" in unknown.text
    assert {".".join(map(str, fault["loc"])) for fault in unknown.json["detail"]} == {"body.primary", "body.guardrails.0.metric"}


def worth(budget, price):
    return 1 - abs(budget - price) / 30


def test_a_model_learns_the_reward_or_what_it_is_told_to(shop, domain):
    """Carts go to anything, buys to what fits the budget: by rewards the model finds what fits."""
    chance = random.Random(3)
    with shop.client() as client:
        for _ in range(300):
            budget = chance.randint(1, 30)
            task, items = shown(client, budget)
            events = [{"task_id": task, "sku": items[0], "kind": "cart"}]
            best = max(items, key=lambda sku: worth(budget, int(sku.split("/")[1])))
            if chance.random() < worth(budget, int(best.split("/")[1])):
                events.append({"task_id": task, "sku": best, "kind": "buy", "value": 10})
            told = tell(client, *events)
            assert all(event["outcome"] == "accepted" for event in told)
        assert model(client, trained(client))["lineage"]["requests"] == 300
    shop.stop()
    for target, fine in (("reward", 0), ("buy", 0), ("value", 0), ("sale", 2)):
        made = run("train", "--family", "logistic", "--data-dir", shop.data_dir, "--domain", domain, "--json",
                   "--out", shop.data_dir / "made.model", env={**QUICK, "RANKLOOP_TRAINING_TARGET": target})
        assert made.returncode == fine, (target, made.stdout, made.stderr)
        if fine:
            assert "training.target is 'sale'; allowed are reward, value and" in made.stderr
    shop.start()


def test_imported_history_tells_of_every_kind(visitor):
    def imported(*picked):
        line = {"request": {"budget": 5}, "shown": ["thing/1", "thing/2", "thing/3"], "picked": list(picked)}
        return visitor.request("POST", "/history:import", body=json.dumps(line), headers=LINES)

    answer = imported("thing/1", {"item": "thing/1", "kind": "buy", "value": 12.5}, {"item": "thing/3", "kind": "dislike", "weight": 4})
    assert (answer.status, answer.json["requests"]) == (200, 1), answer
    for entry, words in {
        '{"item": "thing/1", "kind": "bye"}': "one of the domain's, pick, cart, buy, dislike",
        '{"item": "thing/1", "kind": "buy", "value": 2000}': "should be 0 to 1000, not 2000",
        '{"item": "thing/1", "kind": "buy"}': "a buy needs a value",
        '{"item": "thing/1", "kind": "cart", "gain": 2}': "feedback has an item, a kind, a value and a weight",
        '{"item": "thing/9", "kind": "cart"}': "has a cart, but not shown",
    }.items():
        answer = imported(json.loads(entry))
        assert answer.status == 422 and words in answer.json["detail"][0]["msg"], answer
    assert imported({"item": "thing/1", "kind": "cart"}, {"item": "thing/1", "kind": "cart"}).status == 422
