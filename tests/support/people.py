"""A shop whose visitors may have their age and country stored, and what is known of one of them."""

import json
import urllib.parse

from guests import results

DOMAIN = """
[domain]
name = "shop"
[request]
noun = "visit"
[[request.field]]
name = "age"
type = "int"
minimum = 0
maximum = 130
[[request.field]]
name = "country"
type = "category"
values = ["at", "de", "it"]
[[request.field]]
name = "budget"
type = "float"
[[request.field]]
name = "greeting"
type = "string"
required = false
[person]
fields = ["age", "country"]
[item]
noun = "thing"
id = {field = "sku", type = "string"}
[[item.field]]
name = "price"
type = "float"
[model]
features = ["age", "country", "budget", "price"]
[[feedback]]
name = "buy"
reward = 1
value = [0, 1000]
"""
THINGS = "sku,price\n" + "".join(f"thing/{n},{n}\n" for n in range(1, 31))
KEY = 'ann/7 "ä" 100%'  # whatever a key may have


def path_of(key, below=""):
    return "/persons/" + urllib.parse.quote(key, safe="") + below


def fill(client):
    answer = client.request("POST", "/items:import", body=THINGS, headers={"Content-Type": "text/csv"})
    assert (answer.status, answer.json["created"]) == (200, 30), answer


def visited(client, key, **fields):
    """A finished visit, shown and picked from: its task and the things that were shown."""
    answer = client.post("/inference/start?wait=30s", {"budget": 10, "user_key": key, **fields})
    assert answer.status == 200, answer
    task = answer.json["task_id"]
    shown = [row["sku"] for row in results(client, task)]
    assert client.put("/inference/select", {"task_id": task, "sku": shown[1]}).status == 200
    return task, shown


def bought(client, key, *values):
    """Events of a person that belong to no ranking."""
    for begin in range(0, len(values), 1000):
        answer = client.post("/feedback", [{"user_key": key, "sku": "thing/7", "kind": "buy", "value": value}
                                           for value in values[begin:begin + 1000]])
        assert answer.json["refused"] == 0, answer


def exported(client, key):
    answer = client.get(path_of(key, "/export"))
    assert answer.status == 200, answer
    return [json.loads(line) for line in answer.text.splitlines()]


def erased(client, key):
    """The receipt."""
    asked = client.request("DELETE", path_of(key))
    assert (asked.status, asked.json["type"]) == (202, "erasure"), asked
    return receipt(client, asked.json["task_id"])


def receipt(client, task, seconds=60):
    from rankloop_process import wait_until
    return wait_until(lambda: client.get(f"/erasures/{task}").json["receipt"], seconds, "the receipt")
