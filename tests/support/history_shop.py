"""A shop whose visitors and things have histories."""

import json
import random
import urllib.error

from guests import finished, results
from rankloop_process import run

DOMAIN = """
[domain]
name = "shop"
[request]
noun = "visit"
[[request.field]]
name = "budget"
type = "float"
[[request.field]]
name = "visit"
type = "string"
required = false
[item]
noun = "thing"
[[item.field]]
name = "price"
type = "float"
[[item.field]]
name = "brand"
type = "category"
[[item.field]]
name = "labels"
type = "tags"
required = false

[[feedback]]
name = "buy"
reward = 1
value = [0, 1000]
closes = false
within = "7d"

[[history]]
name = "pick_rate"
what = "rate"
of = "item"
kind = "pick"
per = "shown"
within = "1d"
[[history]]
name = "brand_sum"
what = "sum"
of = "item.brand"
kind = "buy"
half_life = "1h"
[[history]]
name = "shown_before"
what = "count"
of = "item"
kind = "shown"
own = true
[[history]]
name = "last_shown"
what = "since_last"
of = "item"
kind = "shown"
own = true
[[history]]
name = "brand_share"
what = "share"
of = "item.brand"
kind = "pick"
own = true
[[history]]
name = "seen_now"
what = "count"
of = "item.brand"
kind = "shown"
own = true
within = "session"
[[history]]
name = "picks"
what = "count"
of = "person"
kind = "pick"
[[history]]
name = "brands"
what = "last"
of = "person"
kind = "pick"
by = "item.brand"
most = 3
[[history]]
name = "age"
what = "age"
of = "item"
[[history]]
name = "label_rate"
what = "rate"
of = "item.labels"
kind = "pick"
per = "shown"
within = "1d"
[[history]]
name = "label_share"
what = "share"
of = "item.labels"
kind = "pick"
own = true
[[history]]
name = "label_since"
what = "since_first"
of = "item.labels"
kind = "shown"
own = true
[[history]]
name = "last_labels"
what = "last"
of = "person"
kind = "pick"
by = "item.labels"
most = 3

[model]
features = ["budget", "price", "picks", "brands"]
[[cross]]
name = "known_brand"
how = "contains"
request = "brands"
item = "brand"
[[cross]]
name = "known_labels"
how = "overlap"
request = "last_labels"
item = "labels"
[[cross]]
name = "left"
how = "difference"
request = "budget"
item = "price"
"""
BRANDS = ["acme", "bolt", "cord", "dune", "echo"]


SESSIONS = """
[session]
key = "visit"
"""


def labels(thing):
    """None, one, or several, in an order of its own."""
    return [f"label {thing * place % 7}" for place in range(thing % 4, 0, -1)]


THINGS = "thing_id,price,brand,labels\n" + "".join(f"{n},{n},{BRANDS[n % 5]},{';'.join(labels(n))}\n"
                                                   for n in range(1, 41))


def opened(client):
    answer = client.request("POST", "/items:import", body=THINGS, headers={"Content-Type": "text/csv"})
    assert (answer.status, answer.json["created"]) == (200, 40), answer


def asked(client, person=None, budget=20, visit=None):
    body = {"budget": budget} | ({"user_key": person} if person else {}) | ({"visit": visit} if visit else {})
    return finished(client, body)


def shown(client, task, limit=10):
    return [row["thing_id"] for row in results(client, task, limit)]


def check(data_dir, domain, env=None):
    """What `rankloop doctor histories` finds."""
    done = run("doctor", "histories", "--data-dir", data_dir, "--domain", domain, "--json", env=env, seconds=600)
    return done, json.loads(done.stdout) if done.stdout else None


def select(client, task, item):
    answer = client.put("/inference/select/", {"task_id": task, "thing_id": item})
    assert answer.status == 200, answer


def visits(client_of, people, journeys, seed, tasks=None):
    """Guests who see, pick, buy and ask again; what they were told is there."""
    rng = random.Random(seed)
    with client_of() as client:
        for _ in range(journeys):
            person = f"person {rng.randrange(people)}"
            try:
                visit = rng.choice([None, "one", "two", f"visit {rng.randrange(30)}"])
                task = asked(client, person, rng.uniform(1, 40), visit)
                items = shown(client, task)
                if rng.random() < 0.7:
                    select(client, task, rng.choice(items))
                if rng.random() < 0.3:
                    client.post("/feedback", [{"task_id": task, "thing_id": rng.choice(items), "kind": "buy",
                                               "value": rng.uniform(0, 100)},
                                              {"user_key": person, "thing_id": rng.randrange(1, 41), "kind": "pick"}])
                if tasks is not None:
                    tasks.append((task, items))
            except (OSError, AssertionError, urllib.error.URLError):
                return  # the server is gone
