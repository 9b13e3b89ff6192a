"""Requests and items of the built-in domain, and the steps of a guest's journey."""

GUEST = {
    "name": "Ann", "people_num": 2, "people_age": [30, 34], "children_num": 0, "budget": 400.0, "nights": 2,
    "time_arrival": "2026-12-01", "pool": True, "spa": False, "pet_friendly": False, "lake": True, "mountain": False,
    "sport": True,
}

PLACE = {
    "children": True, "breakfast": True, "lunch": False, "dinner": False, "price": 120.5, "has_pool": True,
    "has_spa": False, "animals": False, "near_lake": True, "near_mountains": False, "has_sport": False,
    "family_rating": 3.5, "outdoor_rating": 2.5, "food_rating": 4.0, "leisure_rating": 1.5, "service_rating": 2.0,
    "user_score": 4.5,
}

PLACE_KEYS = ["location_id", "creation_time", *PLACE]
UNKNOWN_TASK = "01890000-0000-7000-8000-000000000000"


def without(fields, name):
    return {key: value for key, value in fields.items() if key != name}


def start(client, guest=None, **fields):
    """Starts an inference and answers its task id."""
    answer = client.post("/inference/start", {**(guest or GUEST), **fields})
    assert answer.status == 200, answer
    return answer.json["task_id"]


def finished(client, guest=None, **fields):
    """Starts an inference, waits until it has succeeded and answers its task id. Nothing is shown."""
    task = start(client, guest, **fields)
    answer = client.get(f"/inference/status/{task}?wait=30s")
    assert (answer.status, answer.json["status"]) == (200, "SUCCESS"), answer
    return task


def results(client, task, limit=10, peek=False):
    answer = client.get(f"/inference/results/{task}?limit={limit}" + ("&peek=true" if peek else ""))
    assert answer.status == 200, answer
    return answer.json


def select(client, task, item):
    return client.put("/inference/select/", {"task_id": task, "location_id": item})


def stored_results(client, task):
    answer = client.get(f"/content/results?limit=10000&task_id={task}")
    assert answer.status == 200, answer
    return answer.json


def places_csv(*rows, separator=","):
    """A table with a header; columns are the first row's keys."""
    lines = [separator.join(rows[0])]
    for row in rows:
        lines.append(separator.join(str(value).lower() for value in row.values()))
    return "\n".join(lines) + "\n"


def metric(client, name):
    """The value of a metric without labels."""
    for line in client.get("/metrics").text.splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise AssertionError(f"there is no metric {name}")
