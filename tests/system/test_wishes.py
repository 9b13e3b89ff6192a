"""Wishes of a list, in the domain file and in the request: kept by every list, told with its policy, replayed as it was."""

import datetime
import random
import time

import pytest

from guests import finished, results
from history_shop import BRANDS, DOMAIN, THINGS
from learning import QUICK, promoted, trained
from rankloop_process import Server, run, wait_until

START = DOMAIN.index("[[history]]")
END = DOMAIN.index("[model]")
PLAIN = DOMAIN[:START] + DOMAIN[END:].replace(', "picks", "brands"', ', "brand"').split("[[cross]]")[0]

TWO_OF_A_BRAND = """
[[wish]]
name = "two_of_a_brand"
how = "at_most"
field = "brand"
most = 2
first = 10
"""
NOT_AGAIN = """
[[wish]]
name = "not_picked_again"
how = "not_again"
kind = "pick"
within = "30d"
"""
RECALLED = """
[[wish]]
name = "recalled"
how = "block"
where = ["item.brand == 'echo'"]
"""


def pin(until, at=1):
    return f"""
[[wish]]
name = "of_the_day"
how = "pin"
at = {at}
where = ["item.price > 16.5", "item.price < 17.5"]
until = "{until}"
"""


def brand(thing):
    return BRANDS[thing % 5]


class Shop:
    def __init__(self, directory, wishes, env=None):
        self.file = directory / "shop.toml"
        self.file.write_text(PLAIN + wishes)
        self.server = Server("--domain", self.file, "--empty", env={**QUICK, **(env or {})})

    def __enter__(self):
        self.server.__enter__()
        with self.server.client() as client:
            answer = client.request("POST", "/items:import", body=THINGS, headers={"Content-Type": "text/csv"})
            assert (answer.status, answer.json["created"]) == (200, 40), answer
        return self

    def __exit__(self, *of):
        return self.server.__exit__(*of)

    def client(self):
        return self.server.client()

    def change(self, wishes):
        self.server.stop()
        self.file.write_text(PLAIN + wishes)
        self.server.start()


@pytest.fixture
def opened(tmp_path):
    shops = []

    def open_with(wishes, **env):
        shops.append(Shop(tmp_path, wishes, env).__enter__())
        return shops[-1]

    yield open_with
    for shop in shops:
        shop.__exit__(None, None, None)


def asked(client, person=None, wishes=None):
    body = {"budget": 20} | ({"user_key": person} if person else {}) | ({"wishes": wishes} if wishes else {})
    return finished(client, body)


def shown(client, task, limit=10):
    return [row["thing_id"] for row in results(client, task, limit)]


def ranked(client, task):
    return shown(client, task, 40)


def select(client, task, item):
    answer = client.put("/inference/select/", {"task_id": task, "thing_id": item})
    assert answer.status == 200, answer


def policy(client, task, item):
    why = client.get(f"/inference/explain/{task}/{item}")
    assert why.status == 200, why
    return why.json


def same(client, task):
    again = client.post(f"/inference/replay/{task}").json
    return again["same"], again


def most_of_a_brand(items):
    return max(sum(brand(item) == name for item in items) for name in BRANDS)


def test_at_most_so_many_of_a_brand_and_none_that_is_blocked(opened):
    shop = opened(TWO_OF_A_BRAND + RECALLED)
    with shop.client() as client:
        for _ in range(20):
            task = asked(client)
            items = ranked(client, task)
            assert len(items) == 32 and "echo" not in map(brand, items)
            assert most_of_a_brand(items[:8]) == 2
        told = policy(client, task, items[0])["policy"]
        assert told["name"] == "uniform"
        assert [wish["name"] for wish in told["parameters"]["wishes"]] == ["two_of_a_brand", "recalled"]
        assert same(client, task)[0]


def test_a_model_keeps_to_wishes_and_learns_on(opened):
    shop = opened(TWO_OF_A_BRAND + pin("2099-01-01T00:00:00Z", 3))
    rng = random.Random(1)
    with shop.client() as client:
        for _ in range(120):
            task = asked(client, f"person {rng.randrange(20)}")
            items = shown(client, task)
            assert items[2] == 17
            select(client, task, min(items))
        promoted(client, trained(client, family="logistic", promote="manual"))
        task = asked(client)
        items = ranked(client, task)
        assert items[2] == 17 and most_of_a_brand(items[:10]) == 2
        why = policy(client, task, 17)
        assert why["propensity"] == 1 and why["policy"]["parameters"]["pinned"] == [3] and why["family"] == "logistic"
        scores = [row["score"] for row in results(client, task, 40)]
        below = [score for place, score in enumerate(scores) if place != 2][9:]
        assert below == sorted(below, reverse=True)
        assert same(client, task)[0]
        # No pick says anything of the pinned position, and what was shown there is not of its doing.
        report = client.get("/monitoring/performance").json
        third = report["positions"][2]
        assert (third["shown"], third["picked"]) == (0, 0)


def test_a_pin_ends_and_its_lists_are_replayed_as_they_were(opened):
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=8)
    shop = opened(pin(end.isoformat(timespec="milliseconds")) + RECALLED, RANKLOOP_EXPLORATION_SHARE="0.5")
    with shop.client() as client:
        before = [asked(client, f"person {n}") for n in range(10)]
        lists = {task: ranked(client, task) for task in before}
        assert all(items[0] == 17 for items in lists.values())
        time.sleep(max(0, end.timestamp() - time.time()) + 0.1)
        after = [ranked(client, asked(client)) for _ in range(10)]
        assert any(items[0] != 17 for items in after) and all("echo" not in map(brand, items) for items in after)
        for task in before:
            assert same(client, task)[0]
    shop.change("")
    with shop.client() as client:
        for task in before:
            fine, again = same(client, task)
            assert fine and [row["thing_id"] for row in again["items"]] == lists[task][:len(again["items"])], again
        assert any("echo" in map(brand, ranked(client, asked(client))) for _ in range(3))


def test_not_again_what_was_picked(opened):
    shop = opened(NOT_AGAIN)
    with shop.client() as client:
        first = asked(client, "ann")
        picked = ranked(client, first)[0]
        select(client, first, picked)
        wait_until(lambda: picked not in ranked(client, asked(client, "ann")), what="the pick to be known")
        tasks = []
        for _ in range(5):
            task = asked(client, "ann")
            items = ranked(client, task)
            assert picked not in items
            select(client, task, items[0])
            tasks.append(task)
        assert picked in ranked(client, asked(client, "bob")) and picked in ranked(client, asked(client))
        for task in [first, *tasks]:
            assert same(client, task)[0]
        chosen = client.post("/inference/start?wait=10s", {"budget": 1, "user_key": "ann", "candidates": [picked, 1, 2]})
        assert {"id": picked, "reason": "ruled_out"} in chosen.json["left_out"], chosen
    shop.change("")
    with shop.client() as client:
        for task in tasks:
            assert same(client, task)[0], "the domain counts no picks of a person any more"


def test_not_again_what_was_shown_often_or_lately(opened):
    shop = opened("""
[[wish]]
name = "tired"
how = "not_again"
kind = "shown"
times = 2
within = "1d"
""")
    with shop.client() as client:
        for _ in range(2):
            task = asked(client, "ann", [{"name": "cheap", "how": "pin", "at": 1, "where": "item.price < 1.5"}])
            assert shown(client, task, 1) == [1]
        wait_until(lambda: len(shown_peek(client, asked(client, "ann"))) == 39, what="the showing to be known")
        lately = [{"name": "once", "how": "not_again", "kind": "shown", "times": 1, "within": "1d"},
                  {"name": "tired", "off": True}]
        assert 1 not in shown_peek(client, asked(client, "ann", lately))
        assert len(shown_peek(client, asked(client, "ann", [{"name": "tired", "off": True}]))) == 40


def shown_peek(client, task):
    return [row["thing_id"] for row in results(client, task, 40, peek=True)]


def test_a_request_wishes_for_itself(opened):
    shop = opened(TWO_OF_A_BRAND)
    with shop.client() as client:
        wishes = [{"name": "two_of_a_brand", "off": True},
                  {"name": "acme_first", "how": "pin", "at": 2, "where": ["item.brand == 'acme'", "item.price > 29.5"]},
                  {"name": "no_bolt", "how": "block", "where": "item.brand == 'bolt'"},
                  {"name": "over", "how": "block", "where": "item.brand == 'dune'", "until": "2020-01-01T00:00:00Z"}]
        task = asked(client, "ann", wishes)
        items = ranked(client, task)
        assert len(items) == 32 and brand(items[1]) == "acme" and items[1] >= 30
        assert "dune" in map(brand, items)
        told = policy(client, task, items[0])["policy"]["parameters"]
        assert [wish["name"] for wish in told["wishes"]] == ["acme_first", "no_bolt"] and told["pinned"] == [2]
        assert same(client, task)[0]
        plain = ranked(client, asked(client, "ann"))
        assert len(plain) == 40 and most_of_a_brand(plain[:10]) == 2
    shop.change("")
    with shop.client() as client:
        assert same(client, task)[0]


def test_boosts_move_what_they_hold_for(opened):
    shop = opened("")
    rng = random.Random(3)
    with shop.client() as client:
        for _ in range(80):
            task = asked(client, f"person {rng.randrange(20)}")
            select(client, task, min(shown(client, task)))
        promoted(client, trained(client, family="logistic", promote="manual"))
        own = results(client, asked(client), 40)
        up = [{"name": "dune_up", "how": "boost", "where": "item.brand == 'dune'", "by": 20}]
        task = asked(client, "ann", up)
        boosted = results(client, task, 40)
        assert {brand(row["thing_id"]) for row in boosted[:8]} == {"dune"}
        scores = {row["thing_id"]: row["score"] for row in own}
        assert all(scores[row["thing_id"]] == row["score"] for row in boosted)
        assert same(client, task)[0]


@pytest.mark.parametrize("wishes, said", [
    ({}, "valid list"),
    ([{"name": "w", "how": "blok"}], 'how should be one of not_again, at_most, boost, pin, block, not \\"blok\\"'),
    ([{"name": "w", "how": "block", "where": "item.colour == 'a'"}], "there is no field item.colour"),
    ([{"name": "w", "how": "at_most", "field": "price", "most": 1, "first": 2}], "is a number"),
    ([{"name": "w", "how": "not_again", "kind": "buy"}], "asks for what the domain does not count"),
    ([{"name": "nobody", "off": True}], "the domain has no wish"),
    ([{"name": f"w{n}", "how": "block", "where": "item.price < 0.5"} for n in range(17)], "allowed are up to 16"),
])
def test_a_request_is_refused_with_what_is_allowed(opened_once, wishes, said):
    answer = opened_once.post("/inference/start", {"budget": 1, "wishes": wishes})
    assert answer.status == 422 and said in answer.text, answer.text
    assert all(fault["loc"][:2] == ["body", "wishes"] for fault in answer.json["detail"])


@pytest.fixture(scope="module")
def opened_once(tmp_path_factory):
    with Shop(tmp_path_factory.mktemp("shop"), "") as shop, shop.client() as client:
        yield client


def test_nothing_changes_without_wishes(opened_once):
    client = opened_once
    task = asked(client)
    item = ranked(client, task)[0]
    assert policy(client, task, item)["policy"] == {"name": "uniform", "parameters": {}}


def test_a_check_and_a_diff_of_the_file_tell_wishes(tmp_path):
    plain, wished = tmp_path / "plain.toml", tmp_path / "wished.toml"
    plain.write_text(PLAIN)
    wished.write_text(PLAIN + TWO_OF_A_BRAND)
    assert "wish two_of_a_brand: at most 2 of a brand among the first 10" in run("domain", "check", wished).stdout
    told = run("domain", "diff", plain, wished)
    assert told.returncode == 0 and "+ the wish two_of_a_brand is new (at most 2 of a brand among the first 10)" in told.stdout
