"""A catalog of words: brands, tags, texts, places and vectors from a table to a ranking, a model and its explanation."""

import json
import random

import pytest

from guests import finished, results, start
from learning import LINES, QUICK, promoted, trained
from rankloop_process import ROOT, Server, run, wait_until

SHOP = ROOT / "domain/shop.toml"
BRANDS = ["Zoë & Söhne", "acme", "nord/süd", "😀"]


def product(number):
    draw = random.Random(number)
    return {
        "product_id": number, "title": f"product {number}", "description": f"A {'red' if number % 3 == 1 else 'blue'} thing.",
        "brand": BRANDS[number % 4], "ships_to": ["DE", "FR"] if number % 3 else ["US"],
        "tags": draw.sample(["sale", "new", "science fiction", "garden", "kitchen"], 2),
        "price": round(draw.uniform(5, 100), 2), "added": "2026-01-15",
        "warehouse": {"lat": 52.5, "lon": 13.4} if number % 2 else {"lat": 48.8, "lon": 2.3},
        "look": [round(draw.uniform(-1, 1), 3) for _ in range(4)],
    }


PRODUCTS = [product(number) for number in range(1, 61)]
VISIT = {"country": "DE", "at": "2026-03-01T13:00:00+01:00", "wanted": ["science fiction", "nobody has this"],
         "home": {"lat": 52.52, "lon": 13.405}, "taste": [0.5, 0, -0.5, 1], "budget": 60}


@pytest.fixture(scope="module")
def server():
    with Server("--domain", SHOP, "--empty", env=QUICK) as server, server.client() as client:
        lines = "\n".join(json.dumps(each) for each in PRODUCTS)
        sent = client.post("/items:import", body=lines, headers=LINES)
        assert sent.status == 200, sent
        yield server


@pytest.fixture
def client(server):
    with server.client() as client:
        yield client


def ranked(client, visit):
    return results(client, finished(client, visit), limit=100)


def numbers(shown):
    return [each["product_id"] for each in shown]


def test_products_come_back_as_they_were_sent(client):
    for sent in PRODUCTS[:8]:
        answered = client.get(f"/content/product/{sent['product_id']}").json
        assert {name: answered[name] for name in sent} == sent


def test_a_table_says_the_same_as_lines(tmp_path):
    header = ["product_id", "title", "brand", "ships_to", "tags", "price", "added", "warehouse", "look"]
    rows = ["\t".join(header)]
    for each in PRODUCTS:
        place = f"{each['warehouse']['lat']}, {each['warehouse']['lon']}"
        cells = [str(each["product_id"]), each["title"], each["brand"], ";".join(each["ships_to"]), ";".join(each["tags"]),
                 str(each["price"]), each["added"], place, " ".join(str(x) for x in each["look"])]
        rows.append("\t".join(cells))
    table = tmp_path / "products.tsv"
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    data = tmp_path / "data"
    outcome = run("import", "items", table, "--domain", SHOP, "--data-dir", data)
    assert outcome.returncode == 0, outcome.stderr
    with Server("--domain", SHOP, data_dir=data) as server, server.client() as client:
        for sent in PRODUCTS[:8]:
            answered = client.get(f"/content/product/{sent['product_id']}").json
            assert {name: answered[name] for name in sent if name != "description"} == {
                name: value for name, value in sent.items() if name != "description"}


def test_rules_of_words_decide_what_is_shown(client):
    kept = {each["product_id"] for each in PRODUCTS
            if "DE" in each["ships_to"] and (each["price"] <= VISIT["budget"] or "sale" in each["tags"])}
    assert set(numbers(ranked(client, VISIT))) == kept
    without_budget = {key: value for key, value in VISIT.items() if key != "budget"}
    assert set(numbers(ranked(client, without_budget))) == {
        each["product_id"] for each in PRODUCTS if "DE" in each["ships_to"]}
    assert ranked(client, {"country": "nowhere"}) == []


def test_a_moment_that_nobody_names_is_now(client):
    finished(client, {"country": "DE"})
    visits = client.get("/content/visits?limit=10000").json
    visit = max(visits, key=lambda each: each["visit_id"])
    assert visit["at"][:16] == visit["creation_time"][:16] and visit["device"] == "phone", visit
    assert 0 <= visit["hour"] <= 23 and visit["part_of_day"], visit


@pytest.mark.parametrize("change, place, words", [
    ({"country": ""}, ["body", "country"], "at least 1 character"),
    ({"device": "phon"}, ["body", "device"], 'did you mean \\"phone\\"?'),
    ({"wanted": ["a", 4]}, ["body", "wanted", "1"], "should be a word, not 4"),
    ({"taste": [1, 2]}, ["body", "taste"], "4 elements, not 2"),
    ({"home": {"lat": 95, "lon": 0}}, ["body", "home", "lat"], "at most 90, not 95"),
    ({"at": "yesterday"}, ["body", "at"], "or seconds since 1970"),
])
def test_what_is_wrong_is_told_with_its_place(client, change, place, words):
    answer = client.post("/inference/start", {**VISIT, **change})
    assert answer.status == 422, answer
    fault = answer.json["detail"][0]
    assert [str(step) for step in fault["loc"]] == place and json.loads(f'"{words}"') in fault["msg"], fault


@pytest.fixture(scope="module")
def learned(server):
    """People who take what acme makes, where there is some."""
    with server.client() as client:
        for number in range(120):
            task = finished(client, VISIT, user_key=f"u{number}")
            shown = results(client, task, limit=10)
            liked = [each for each in shown if each["brand"] == "acme"] or shown
            picked = client.put("/inference/select/", {"task_id": task, "product_id": liked[0]["product_id"]})
            assert picked.status == 200, picked
    return server


@pytest.mark.parametrize("family", ["logistic", "mlp", "gbdt", "factorization"])
def test_every_family_learns_which_words_are_liked(learned, family):
    with learned.client() as client:
        number = trained(client, family=family, promote="manual")
        promoted(client, number)

        task = finished(client, VISIT)
        shown = results(client, task, limit=100)
        why = client.get(f"/inference/explain/{task}/{shown[0]['product_id']}").json
        assert why["model_id"] == number
        first = shown[0]
        assert first["brand"] == "acme", [each["brand"] for each in shown]
        told = {part["feature"]: part["value"] for part in why["contributions"]}
        assert told["brand"] == "acme" and "taste_of_look" in told and told["km_away"] > 0, told
        assert told["country_and_brand"] == ["DE", "acme"] and told["title_match"] is None, told


def test_what_was_typed_is_matched_word_by_word(learned):
    """Whose products are red, and what that is worth, the explanation tells of each."""
    with learned.client() as client:
        number = trained(client, family="logistic", promote="manual")
        promoted(client, number)

        def explained():
            task = finished(client, {**VISIT, "query": "RED things!"})
            shown = results(client, task, limit=100)
            why = {each["product_id"]: client.get(f"/inference/explain/{task}/{each['product_id']}").json for each in shown}
            return why if all(each["model_id"] == number for each in why.values()) else None

        for product_id, why in wait_until(explained, what=f"answers of model {number}").items():
            told = {part["feature"]: part["value"] for part in why["contributions"]}
            assert (told["description_match"] > 0) == (product_id % 3 == 1), (product_id, told)
            assert told["title_match"] == told["found_in_title"] == 0, told
            assert told["title_words"] == ["product", str(product_id)] or told["title_words"] == [str(product_id), "product"]


def test_a_search_finds_words_and_tags(client):
    found = client.get("/items:search?q=acme&limit=100").json
    assert {each["item"]["brand"] for each in found["items"]} == {"acme"}
    tagged = client.get("/items:search?q=fiction&limit=100").json["items"]
    assert tagged and all("science fiction" in each["item"]["tags"] for each in tagged)


def test_the_description_says_what_words_there_are(client):
    schemas = client.get("/openapi.json").json["components"]["schemas"]
    visit = schemas["VisitData"]["properties"]
    assert visit["device"]["enum"] == ["phone", "tablet", "desktop"]
    assert visit["taste"]["minItems"] == visit["taste"]["maxItems"] == 4
    assert visit["home"]["properties"]["lat"]["maximum"] == 90
    example = schemas["VisitData"]["examples"][0]
    assert start(client, example)


def test_what_a_changed_domain_means_is_told_before(tmp_path):
    text = SHOP.read_text(encoding="utf-8")
    wider = tmp_path / "wider.toml"
    wider.write_text(text.replace('values = ["phone", "tablet", "desktop"]', 'values = ["phone", "tablet", "desktop", "tv"]'))
    told = run("domain", "diff", SHOP, wider)
    assert told.returncode == 0 and "+ request field device was" in told.stdout, told
    narrower = run("domain", "diff", wider, SHOP, "--json")
    changes = json.loads(narrower.stdout)
    assert narrower.returncode == 1 and changes["taken_over"] is False and len(changes["changes"]) == 1, changes
    assert run("domain", "diff", SHOP, SHOP).stdout == "nothing that matters is different\n"
    assert "cannot be read" in run("domain", "diff", SHOP, tmp_path / "none.toml").stdout
