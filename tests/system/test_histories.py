"""Features of what happened before: served, kept and learned from with the same bits."""

import datetime
import random
import sqlite3
import threading

import pytest

from evaluations import evaluated
from history_shop import BRANDS, DOMAIN, SESSIONS, THINGS, asked, check, labels, opened, select, shown, visits
from learning import QUICK, promoted, trained
from people import erased
from rankloop_process import Server, wait_until


@pytest.fixture(scope="module")
def domain(tmp_path_factory):
    file = tmp_path_factory.mktemp("domain") / "shop.toml"
    file.write_text(DOMAIN)
    return file


@pytest.fixture
def shop(domain):
    with Server("--domain", domain, "--empty", env=QUICK) as server:
        with server.client() as client:
            opened(client)
        yield server


@pytest.fixture
def visitor(shop):
    with shop.client() as client:
        yield client


def explained(client, task, item):
    why = client.get(f"/inference/explain/{task}/{item}")
    assert why.status == 200, why
    return {part["feature"]: part["value"] for part in why.json["contributions"]}


def test_what_happened_is_known_to_the_next_request(visitor):
    first = asked(visitor, "ann")
    items = shown(visitor, first)
    select(visitor, first, items[3])
    other = asked(visitor, "bob")

    def known():
        task = asked(visitor, "ann")
        return explained(visitor, task, items[3]) if explained(visitor, task, items[3])["shown_before"] else None

    told = wait_until(known, what="the history of what was shown")
    brand = BRANDS[items[3] % 5]
    assert told["picks"] == 1 and told["brands"] == [brand] and told["brand_share"] == 1 and told["known_brand"] == 1
    assert told["shown_before"] == 1 and told["last_shown"] < 0.01 and told["seen_now"] >= 1
    # 1 of 10 everywhere: (1 + 10) / (1 + 10 / 0.1)
    assert told["pick_rate"] == pytest.approx(11 / 101, abs=1e-6)
    stranger = explained(visitor, other, items[3])
    assert stranger["picks"] == 0 and stranger["shown_before"] == 0 and stranger["brand_share"] is None
    nobody = explained(visitor, asked(visitor), items[3])
    assert nobody["picks"] is None and nobody["shown_before"] is None


def test_what_happened_to_a_thing_counts_for_each_of_its_labels(shop, visitor, domain):
    first = asked(visitor, "ann")
    picked = next(item for item in shown(visitor, first, 40) if item % 4 == 3)
    select(visitor, first, picked)

    def known():
        task = asked(visitor, "ann")
        return task if explained(visitor, task, picked)["picks"] else None

    task = wait_until(known, what="the history of what was picked")
    shown(visitor, task)
    same = explained(visitor, task, picked)
    assert same["label_share"] == 1 and same["known_labels"] == len(set(labels(picked))) and same["label_since"] < 0.01
    for other in (item for item in range(1, 41) if labels(item)):
        told = explained(visitor, task, other)
        common = [label in labels(picked) for label in dict.fromkeys(labels(other))]
        assert told["label_share"] == pytest.approx(sum(common) / len(common), abs=1e-6), (other, told)
        assert told["known_labels"] == sum(common)
    without = explained(visitor, task, 4)
    assert without["label_share"] == 0 and without["label_since"] is None and without["known_labels"] is None
    before = explained(visitor, task, picked)
    changed = visitor.request("PATCH", f"/items/{picked}", json={"labels": ["odd"]})
    assert changed.status == 200, changed
    shown(visitor, asked(visitor, "ann"))
    assert explained(visitor, task, picked) == before, "words are those of then"
    shop.stop()
    done, told = check(shop.data_dir, domain)
    assert done.returncode == 0 and told["checked"] > 1 and told["differ"] == 0, (told, done.stderr)


def test_an_item_is_as_old_as_its_present_life(domain, shop):
    with shop.client() as client:
        first = asked(client, "ann")
        assert 0 <= explained(client, first, 3)["age"] < 0.01
        shown(client, first)
    shop.stop()
    with sqlite3.connect(shop.data_dir / "rankloop.db") as database:
        database.execute("UPDATE items SET since = since - 3 * 86400000 WHERE item_id <= 3")
        database.execute("UPDATE items SET since = 0 WHERE item_id = 4")
    shop.start()
    with shop.client() as client:
        assert client.request("PATCH", "/items/2", json={"price": 7}).status == 200
        assert client.request("DELETE", "/items/3").status in (200, 204)
        assert client.request("POST", "/items:import", body=THINGS.split("\n4,")[0] + "\n",
                              headers={"Content-Type": "text/csv"}).status == 200
        visits(shop.client, 3, 20, 1)
        task = asked(client, "ann")
        ages = [explained(client, task, item)["age"] for item in (1, 2, 3, 5, 4)]
        assert ages == [pytest.approx(3, abs=0.01)] * 2 + [pytest.approx(0, abs=0.01)] * 2 + [None]
    shop.stop()
    done, told = check(shop.data_dir, domain)
    assert done.returncode == 1 and told["differ"] == 1, "all but the one from before the days went back"


@pytest.fixture(scope="module")
def with_sessions(tmp_path_factory):
    file = tmp_path_factory.mktemp("domain") / "sessions.toml"
    file.write_text(DOMAIN + SESSIONS)
    return file


def test_a_session_is_of_the_requests_that_name_it(with_sessions):
    with Server("--domain", with_sessions, "--empty", env=QUICK) as server:
        with server.client() as client:
            opened(client)
            for visit, times in (("one", 1), ("two", 3)):
                for _ in range(times):
                    shown(client, asked(client, "ann", visit=visit), 40)
            by_brand = len(range(1, 41)) // len(BRANDS)

            def seen(visit):
                return explained(client, asked(client, "ann", visit=visit), 5)["seen_now"]

            wait_until(lambda: seen(None) == 4 * by_brand, what="all that was shown")
            assert [seen(visit) for visit in ("one", "two", "three")] == [by_brand, 3 * by_brand, 0]
            task = asked(client, "ann", visit="one")
            select(client, task, shown(client, task, 40)[0])
            told = client.post("/feedback", [{"user_key": "ann", "thing_id": 5, "kind": "pick"}])
            assert told.json["accepted"] == 1, told
            wait_until(lambda: seen("one") == 2 * by_brand, what="what was shown since")
            assert seen("two") == 3 * by_brand


def test_every_ranking_knew_its_session(with_sessions):
    """Over a restart, a kill and people who are forgotten."""
    with Server("--domain", with_sessions, "--empty", env={**QUICK, "RANKLOOP_MEMORY_HISTORIES": "1MB"}) as server:
        with server.client() as client:
            opened(client)
        for end in (server.stop, server.kill, server.stop):
            if not server.running:
                server.start()
            guests = [threading.Thread(target=visits, args=(server.client, 12, 60, guest)) for guest in range(4)]
            for guest in guests:
                guest.start()
            for guest in guests:
                guest.join()
            end()
        done, told = check(server.data_dir, with_sessions)
        assert done.returncode == 0 and told["checked"] > 500 and told["differ"] == 0, (told, done.stderr)


def test_an_explanation_tells_what_was_known_then(visitor):
    task = asked(visitor, "ann")
    items = shown(visitor, task)
    before = explained(visitor, task, items[0])
    for _ in range(5):
        again = asked(visitor, "ann")
        select(visitor, again, shown(visitor, again)[0])
    assert explained(visitor, task, items[0]) == before


OF_ITEMS = ["pick_rate", "brand_sum", "shown_before", "last_shown", "brand_share", "seen_now", "age", "label_rate",
            "label_share", "label_since"]


def known_then(client, task, item):
    why = client.get(f"/inference/explain/{task}/{item}").json
    added = {part["feature"]: part["value"] for part in why["contributions"]}
    then = {history["name"]: history["value"] for history in why["histories"]}
    assert all(added[name] == value for name, value in then.items() if name in added and not isinstance(value, list))
    return then


def test_an_explanation_tells_histories_as_they_were_of_every_item(shop, visitor):
    visits(shop.client, 3, 30, 1)
    task = asked(visitor, "person 1")
    items = shown(visitor, task, 40)
    told = {item: known_then(visitor, task, item) for item in (items[0], items[1], items[-1])}
    assert list(told[items[0]]) == ["picks", "brands", "last_labels", *OF_ITEMS]
    assert told[items[0]]["picks"] > 0 and set(told[items[0]]["brands"]) <= set(BRANDS)
    assert told[items[0]] != told[items[1]]
    visits(shop.client, 3, 10, 2)
    shop.stop()  # what was kept in memory is gone
    shop.start()
    with shop.client() as client:
        assert {item: known_then(client, task, item) for item in reversed(told)} == told
        erased(client, "person 1")
        assert client.get(f"/inference/explain/{task}/{items[0]}").json["histories"] == []


def told_now(client, path):
    answer = client.get(path)
    assert answer.status == 200, answer
    return {history["name"]: history for history in answer.json}


def test_what_histories_say_now_is_what_the_next_ranking_knows(visitor):
    for person in ("ann", "bob"):
        for _ in range(4):
            task = asked(visitor, person)
            select(visitor, task, shown(visitor, task)[1])
    wait_until(lambda: told_now(visitor, "/persons/ann/histories")["picks"]["value"] == 4, what="the fourth pick")
    for item in (1, 7, 40):
        now, ann = told_now(visitor, f"/items/{item}/histories"), told_now(visitor, "/persons/ann/histories")
        knew = explained(visitor, asked(visitor, "ann"), item)
        assert list(now) == OF_ITEMS
        assert {name for name, history in now.items() if history["own"]} == {
            "shown_before", "last_shown", "brand_share", "seen_now", "label_share", "label_since"}
        assert now["pick_rate"]["value"] == pytest.approx(knew["pick_rate"], abs=1e-6)
        assert now["brand_sum"]["value"] == knew["brand_sum"] == 0
        assert now["shown_before"]["value"] is None  # nobody asks
        assert (ann["picks"]["value"], set(ann["brands"]["value"])) == (knew["picks"], set(knew["brands"]))
    assert (now["brand_sum"]["of"], now["pick_rate"]["unit"], ann["brands"]["unit"]) == ("item.brand", "rate", "words")
    assert "in the last day" in now["pick_rate"]["means"] and "gave “pick”" in ann["picks"]["means"]


def test_histories_are_told_of_what_is_there_only(visitor):
    assert visitor.get("/persons/nobody/histories").status == 404
    for path in ("/items/41/histories", "/items/x/histories", "/items/0/histories"):
        answer = visitor.get(path)
        assert answer.status == 404 and "There is no" in answer.json["detail"], answer
    visitor.post("/feedback", [{"user_key": "eve", "thing_id": 3, "kind": "pick"}])
    wait_until(lambda: told_now(visitor, "/persons/eve/histories")["picks"]["value"] == 1, what="the pick")
    assert visitor.request("DELETE", "/items/3").status == 204
    wait_until(lambda: visitor.get("/items/3/histories").status == 404, what="the deletion")
    erased(visitor, "eve")
    assert visitor.get("/persons/eve/histories").status == 404


@pytest.mark.parametrize("workers", ["1", "4"])
def test_every_ranking_knew_what_the_ledger_says_it_knew(domain, workers):
    with Server("--domain", domain, "--empty", env={**QUICK, "RANKLOOP_WORKERS": workers}) as server:
        with server.client() as client:
            opened(client)
        for restart in range(3):
            since = datetime.datetime.now(datetime.timezone.utc).isoformat()
            guests = [threading.Thread(target=visits, args=(server.client, 12, 60, 10 * restart + g)) for g in range(6)]
            for guest in guests:
                guest.start()
            if restart == 1:
                guests[0].join(2)
                server.kill()
            for guest in guests:
                guest.join()
            if restart == 0:
                server.stop()
            if restart < 2:
                server.start()
        server.stop()
        done, told = check(server.data_dir, domain)
        assert done.returncode == 0, (done.stdout, done.stderr)
        assert told["checked"] > 500 and told["differ"] == 0 and told["position"] > 1000, told


def test_people_who_were_forgotten_are_known_again(domain):
    with Server("--domain", domain, "--empty", env={**QUICK, "RANKLOOP_MEMORY_HISTORIES": "1MB"}) as server:
        with server.client() as client:
            opened(client)
        guests = [threading.Thread(target=visits, args=(server.client, 3_000, 250, g)) for g in range(4)]
        for guest in guests:
            guest.start()
        for guest in guests:
            guest.join()
        server.stop()
        done, told = check(server.data_dir, domain)
        assert done.returncode == 0 and told["checked"] >= 900 and told["differ"] == 0, (told, done.stderr)


def test_rankings_of_others_stay_as_they_were_when_somebody_is_erased(domain, shop):
    visits(shop.client, 6, 80, 1)
    with shop.client() as client:
        gone = erased(client, "person 3")
        assert gone["unlinked"]["person_events"] > 0 and gone["removed"]["person_events"] == 0, gone
    visits(shop.client, 6, 40, 2)
    shop.stop()
    done, told = check(shop.data_dir, domain)
    assert done.returncode == 0 and told["checked"] > 80 and told["differ"] == 0, (told, done.stderr)


def tell_much(server):
    """Enough for a state of it to be kept when the server stops."""
    with server.client() as client:
        for portion in range(2):
            events = [{"user_key": f"person {n % 7}", "thing_id": 1 + n % 40, "kind": "buy", "value": n} for n in range(1000)]
            answer = client.post("/feedback", events)
            assert answer.status == 200 and answer.json["accepted"] == 1000, (portion, answer)


def test_a_start_goes_on_from_what_was_kept(domain, shop):
    kept = shop.data_dir / "histories.fold"
    visits(shop.client, 6, 40, 1)
    tell_much(shop)
    shop.stop()
    first = kept.read_bytes()
    shop.start()
    visits(shop.client, 6, 40, 2)
    shop.kill()  # what was kept is older than the ledger
    assert kept.read_bytes() == first
    shop.start()
    visits(shop.client, 6, 20, 3)
    shop.stop()
    damaged = bytearray(first)
    damaged[len(damaged) // 2] ^= 1
    kept.write_bytes(damaged)
    shop.start()
    visits(shop.client, 6, 20, 4)
    shop.stop()
    done, told = check(shop.data_dir, domain)
    assert done.returncode == 0 and told["checked"] > 100 and told["differ"] == 0, (told, done.stderr)


def test_what_was_changed_by_hand_is_found(domain, shop):
    visits(shop.client, 3, 30, 1)
    shop.stop()
    with sqlite3.connect(shop.data_dir / "rankloop.db") as database:
        database.execute("UPDATE exposures SET at = at - 86400000 WHERE inference_id <= 3")
    done, told = check(shop.data_dir, domain)
    assert done.returncode == 1 and told["differ"] > 0 and len(told["differing"]) > 0


def test_a_ranking_with_histories_is_replayed_bit_by_bit(shop, visitor):
    tasks = []
    visits(shop.client, 5, 220, 3, tasks)
    promoted(visitor, trained(visitor, family="logistic", promote="manual"))
    visits(shop.client, 5, 40, 4, tasks)
    for task, items in tasks[-10:]:
        again = visitor.post(f"/inference/replay/{task}").json
        assert again["same"] and [row["thing_id"] for row in again["items"]][:10] == items, again
    assert visitor.get(f"/inference/explain/{tasks[-1][0]}/{tasks[-1][1][0]}").json["family"] == "logistic"


@pytest.mark.parametrize("family", ["logistic", "mlp", "gbdt", "factorization"])
def test_every_family_learns_from_histories(shop, visitor, family):
    """Everybody buys one brand only, another one each: nothing but their own past tells which."""
    def journeys(count, seed):
        rng = random.Random(seed)
        for _ in range(count):
            person = rng.randrange(8)
            task = asked(visitor, f"person {person}", rng.uniform(1, 40))
            own = [item for item in shown(visitor, task, 40) if BRANDS[item % 5] == BRANDS[person % 5]]
            select(visitor, task, rng.choice(own))

    journeys(150, 5)
    promoted(visitor, trained(visitor, family=family, promote="manual"))
    task = asked(visitor, "person 2")
    assert [BRANDS[item % 5] for item in shown(visitor, task, 5)] == [BRANDS[2]] * 5


def test_lists_are_evaluated_with_what_was_known_then(domain):
    with Server("--domain", domain, "--empty", env={**QUICK, "RANKLOOP_EXPLORATION_SHARE": "0.3"}) as server:
        with server.client() as client:
            opened(client)
            visits(server.client, 5, 150, 6)
            promoted(client, trained(client, family="logistic", promote="manual"))
            other = trained(client, family="gbdt", promote="manual")
            since = datetime.datetime.now(datetime.timezone.utc).isoformat()
            guests = [threading.Thread(target=visits, args=(server.client, 5, 80, seed)) for seed in (7, 8)]
            for guest in guests:
                guest.start()
            for guest in guests:
                guest.join()
            found = evaluated(client, since=since, model_id=other)
            assert found["requests"]["used"] > 100
            assert "not_replayed" not in [each["reason"] for each in found["requests"]["left_out"]]
            assert found["logs"]["ranked_again"]["differing"] == 0
            own = evaluated(client, since=since, policy="champion", explore=0.3)["report"]
            values = {each["estimator"]: each["value"] for each in own["estimates"]}
            assert values["ips"] == pytest.approx(own["logged"]["value"], abs=1e-9)


def test_a_domain_gets_histories_later(tmp_path, domain):
    plain = tmp_path / "plain.toml"
    text = DOMAIN
    start, end = text.index("[[history]]"), text.index("[model]")
    text = text[:start] + text[end:].replace(', "picks", "brands"', "").replace(
        '[[cross]]\nname = "known_brand"\nhow = "contains"\nrequest = "brands"\nitem = "brand"\n', "").replace(
        '[[cross]]\nname = "known_labels"\nhow = "overlap"\nrequest = "last_labels"\nitem = "labels"\n', "")
    plain.write_text(text)
    with Server("--domain", plain, "--empty", env=QUICK) as server:
        with server.client() as client:
            opened(client)
            for _ in range(5):
                task = asked(client, "ann")
                select(client, task, shown(client, task)[0])
        server.stop()
        with Server("--domain", domain, "--empty", env=QUICK, data_dir=server.data_dir) as changed:
            with changed.client() as client:
                told = explained(client, asked(client, "ann"), 1)
                assert told["picks"] == 5 and told["shown_before"] is not None
            changed.stop()
            done, told = check(changed.data_dir, domain)
            assert done.returncode == 0 and told["checked"] == 0 and told["differ"] == 0
