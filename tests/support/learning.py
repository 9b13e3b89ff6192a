"""Trainings, models, and evidence to learn from."""

import json
import random

from guests import GUEST, finished, stored_results
from rankloop_process import run, wait_until

# A store that begins with a random order starts at once, small evidence is enough for a verdict, imported history is
# evidence, too, and the verdict hangs on neither a busy machine nor the breadth of so few rankings.
QUICK = {
    "RANKLOOP_BASELINE": "false", "RANKLOOP_TRAINING_MINIMUM": "50", "RANKLOOP_GATE_MIN_REQUESTS": "20",
    "RANKLOOP_GATE_MIN_PEOPLE": "10", "RANKLOOP_GATE_IMPORTED": "true",
    "RANKLOOP_GATE_MAX_LATENCY_RATIO": "1000000", "RANKLOOP_GATE_MIN_CATALOG_SHARE": "0",
}
FAMILIES = ["random", "popularity", "logistic", "mlp", "gbdt", "factorization"]
ENDED = ("SUCCESS", "FAILURE", "REVOKED")
LINES = {"Content-Type": "application/x-ndjson"}
BYTES = {"Content-Type": "application/octet-stream"}


def traffic(server, journeys=400, *args):
    """Simulated guests; answers their summary."""
    outcome = run("simulate", "traffic", "--url", server.url, "--no-wait", "--guests", 32, "--journeys", journeys,
                  "--quiet", "--json", *args)
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)


def past_requests(count, seed=1, items=210, shown=10, **fields):
    """Requests of another system, as JSON lines: people who like the smallest number of what they saw."""
    draw = random.Random(seed)
    lines = []
    for number in range(count):
        ids = draw.sample(range(1, items + 1), shown)
        request = {**GUEST, "budget": draw.randrange(100, 900), "nights": draw.randrange(1, 9), **fields}
        picked = [min(ids)] if draw.random() < 0.9 else []
        lines.append(json.dumps({"request": request, "shown": ids, "picked": picked, "user_key": f"past-{number}"}))
    return "\n".join(lines) + "\n"


def import_history(client, lines):
    answer = client.post("/history:import", body=lines, headers=LINES)
    assert answer.status == 200, answer
    return answer.json["requests"]


def start_training(client, **body):
    answer = client.post("/train/start", body) if body else client.post("/train/start")
    assert (answer.status, answer.json["type"]) == (200, "training"), answer
    return answer.json["task_id"]


def training(client, task):
    answer = client.get(f"/train/status/{task}")
    assert answer.status == 200, answer
    return answer.json


def ended(client, task, seconds=120):
    """The training's last status."""
    def last():
        status = training(client, task)
        return status if status["status"] in ENDED else None

    return wait_until(last, seconds, what="the end of the training")


def trained(client, **body):
    """Trains to success; answers the number of the new model."""
    status = ended(client, start_training(client, **body))
    assert status["status"] == "SUCCESS", status
    return status["model_id"]


def models(client):
    answer = client.get("/models")
    assert answer.status == 200, answer
    return answer.json


def model(client, number):
    answer = client.get(f"/models/{number}")
    assert answer.status == 200, answer
    return answer.json


def champion(client):
    """The number of the one champion; None without."""
    numbers = [row["model_id"] for row in models(client) if row["champion"]]
    assert len(numbers) <= 1, numbers
    return numbers[0] if numbers else None


def promoted(client, number):
    answer = client.post(f"/models/{number}/promote")
    assert (answer.status, answer.json["champion"]) == (200, True), answer
    return answer.json


def ranked_by(client, number):
    """A task of a guest that this model, which was promoted, ranked: that counts for the next request."""
    task = finished(client, GUEST)
    item = stored_results(client, task)[0]["location_id"]
    assert client.get(f"/inference/explain/{task}/{item}").json["model_id"] == number
    return task


def history(client):
    """What became of the models, the oldest first."""
    return client.get("/models/history?limit=1000").json[::-1]
