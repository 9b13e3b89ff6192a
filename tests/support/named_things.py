"""A small domain whose items are named by texts, and what people call things."""

import json
import urllib.parse

from learning import LINES

DOMAIN = """
[domain]
name = "things"
[request]
noun = "user"
[[request.field]]
name = "age"
type = "int"
required = false
[item]
noun = "thing"
id = {field = "sku", type = "string"}
[[item.field]]
name = "price"
type = "float"
[model]
features = ["age", "price"]
"""
KEYS = ["a/b", "head&shoulders_2014", "Zoë 2", "🍎", "..", "%2F", "x" * 256, 'quoted "so", twice', "007"]
CSV = {"Content-Type": "text/csv"}


def at(key, before="/content/thing/"):
    """The path of a thing."""
    return before + urllib.parse.quote(key, safe="")


def table(keys=tuple(KEYS)):
    rows = ["sku,price"]
    for price, key in enumerate(keys, 1):
        rows.append('"' + key.replace('"', '""') + f'",{price}')
    return "\n".join(rows) + "\n"


def bring(client, text=None, headers=None):
    answer = client.post("/items:import", body=(text or table()).encode(), headers=headers or CSV)
    assert answer.status == 200, answer
    return answer.json


def names(rows):
    return [row["sku"] for row in rows]


def past_requests(count):
    """People who all like the first thing of those that they saw."""
    return "".join(json.dumps({"request": {"age": 20 + number % 40}, "shown": KEYS[:4], "picked": KEYS[:1],
                               "user_key": f"past-{number}"}) + "\n" for number in range(count))


def bring_history(client, count=80):
    answer = client.post("/history:import", body=past_requests(count), headers=LINES)
    assert (answer.status, answer.json.get("requests")) == (200, count), answer
