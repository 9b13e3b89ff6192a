"""A domain whose features are texts, and absent at times: from the import to the explanation."""

import json
import random

import pytest

from learning import QUICK, FAMILIES, import_history, promoted, trained
from rankloop_process import Server, run, wait_until

FILMS = """
[domain]
name = "films"
[request]
noun = "viewer"
field = [{ name = "mood", type = "string", required = false }, { name = "age", type = "int", minimum = 0, maximum = 120 }]
[item]
noun = "film"
field = [
  { name = "title", type = "string" },
  { name = "genre", type = "string", required = false },
  { name = "stars", type = "float", required = false },
]
[model]
features = ["mood", "age", "genre", "stars"]
"""
GENRES = ["western", "comedy", "drama", "noir", "Zoë's own"]


def film(number):
    """Every sixth film has no genre, every fourth no stars."""
    fields = {"film_id": number, "title": f"Film {number}"}
    if number % 6:
        fields["genre"] = GENRES[number % len(GENRES)]
    if number % 4:
        fields["stars"] = 1 + number % 3
    return fields


def past(count, seed):
    """Viewers who pick a noir film where they see one; else one without stars, else none."""
    draw = random.Random(seed)
    lines = []
    for number in range(count):
        shown = draw.sample(range(1, 121), 8)
        noir = [each for each in shown if film(each).get("genre") == "noir"]
        starless = [each for each in shown if "stars" not in film(each)]
        request = {"age": draw.randrange(18, 80)}
        if draw.random() < 0.7:
            request["mood"] = draw.choice(["tired", "awake"])
        lines.append(json.dumps({"request": request, "shown": shown, "picked": (noir or starless)[:1],
                                 "user_key": f"viewer-{number}"}))
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def domain(tmp_path_factory):
    file = tmp_path_factory.mktemp("films") / "films.toml"
    file.write_text(FILMS)
    return file


@pytest.fixture(scope="module")
def server(domain):
    with Server("--domain", domain, "--empty", env=QUICK) as server, server.client() as client:
        lines = "\n".join(json.dumps(film(number)) for number in range(1, 121))
        answer = client.post("/items:import", body=lines, headers={"Content-Type": "application/x-ndjson"})
        assert answer.status == 200, answer
        assert import_history(client, past(400, 1)) == 400
        yield server


@pytest.fixture
def client(server):
    with server.client() as client:
        yield client


def ranked(client, number, **viewer):
    """A task that this model ranked, and what it ranked."""
    def answered():
        task = client.post("/inference/start", viewer).json["task_id"]
        wait_until(lambda: client.get(f"/inference/status/{task}").json["status"] == "SUCCESS")
        rows = client.get(f"/content/results?task_id={task}&limit=120").json
        why = client.get(f"/inference/explain/{task}/{rows[0]['film_id']}").json
        return (task, rows) if why["model_id"] == number else None

    return wait_until(answered, what=f"an answer of model {number}")


@pytest.mark.parametrize("family", [family for family in FAMILIES if family not in ("random", "popularity")])
def test_words_and_what_is_absent_are_learned(client, family):
    number = trained(client, family=family, promote="manual")
    promoted(client, number)
    task, rows = ranked(client, number, age=30)  # without a mood
    first = [film(row["film_id"]).get("genre") for row in rows[:20]]
    assert first == ["noir"] * 20
    rest = [row["film_id"] for row in rows[20:] if film(row["film_id"]).get("genre") != "noir"]
    starless = [each for each in rest if "stars" not in film(each)]
    assert set(rest[:10]) <= set(starless)
    why = client.get(f"/inference/explain/{task}/{rows[0]['film_id']}").json
    told = {part["feature"]: part for part in why["contributions"]}
    assert set(told) == {"mood", "age", "genre", "stars"}
    assert told["mood"]["value"] is None and told["genre"]["value"] == "noir"
    assert why["contributions"][0]["feature"] in ("genre", "stars")
    importance = client.get(f"/models/{number}/importance").json["features"]
    assert importance[0]["feature"] in ("genre", "stars")


def test_a_word_that_nobody_learned_is_ranked(client):
    number = trained(client, family="logistic", promote="manual")
    promoted(client, number)
    before = client.get("/content/film/6").json
    assert "genre" not in before
    assert client.request("PATCH", "/items/6", json={"genre": "musical"}).status == 200
    task, rows = ranked(client, number, age=41, mood="a mood that nobody had")
    assert 6 in [row["film_id"] for row in rows]
    assert client.request("PATCH", "/items/6", json={"genre": "noir"}).status == 200

    def follows():
        task, rows = ranked(client, number, age=41)
        return 6 in [row["film_id"] for row in rows[:30]]

    wait_until(follows, what="the film with its new genre among the first")


def test_drift_is_told_of_words(client):
    promoted(client, trained(client, family="logistic", promote="manual"))
    features = {feature["feature"]: feature for feature in client.get("/monitoring/drift").json["features"]}
    assert set(features) == {"mood", "age", "genre", "stars"}
    assert set(features["mood"]["words"]) == {"tired", "awake"} and features["mood"]["edges"] == []
    assert len(features["genre"]["shares"]) == len(features["genre"]["words"]) + 2
    assert 0.2 < features["mood"]["shares"][-1] < 0.4  # absent


@pytest.mark.parametrize("family", ["logistic", "mlp", "gbdt"])
def test_a_file_teaches_what_the_server_would_learn(domain, tmp_path, family):
    rows = []
    for request, line in enumerate(past(300, 2).splitlines()):
        told = json.loads(line)
        for each in told["shown"]:
            fields = film(each)
            rows.append([request, each, told["request"].get("mood", ""), told["request"]["age"],
                         fields.get("genre", ""), fields.get("stars", ""), int(each in told["picked"])])
    def table(name, some):
        file = tmp_path / name
        lines = ["request\tfilm_id\tmood\tage\tgenre\tstars\tlabel"] + ["\t".join(map(str, row)) for row in some]
        file.write_text("\n".join(lines) + "\n")
        return file
    outcome = run("train", "--family", family, "--domain", domain, "--data", table("train.tsv", rows[:1600]),
                  "--test", table("test.tsv", rows[1600:]), "--out", tmp_path / "model.bin", "--json")
    assert outcome.returncode == 0, outcome.stderr
    assert json.loads(outcome.stdout)["test"]["auc"] > 0.9
