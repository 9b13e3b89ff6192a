"""Other people's tables and lines, as their programs write them: taken as they are meant, or refused in one sentence."""

import json

import pytest

from rankloop_process import ROOT, Server, run
from shop import DOMAIN, TABLE, THINGS, Shop, refused


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


@pytest.fixture
def stocked(shop):
    outcome = shop.items("items.csv", THINGS)
    assert outcome.returncode == 0, outcome.stderr
    return shop


@pytest.mark.parametrize("name, text, words", [
    ("id.csv", "id,name,price\n501,a,1\n", ["no column 'thing_id'", "'id', 'name', 'price'"]),
    ("id.jsonl", '{"id":501,"name":"a"}\n{"id":502,"name":"b"}\n', ["thing_id: is required"]),
    ("case.csv", "THING_ID,NAME,PRICE\n7,a,2\n", ["'thing_id' for 'THING_ID'", "'name' for 'NAME'"]),
    ("sku.csv", "thing_id,name\nSKU-1,a\n", ['not "SKU-1"']),
])
def test_items_that_cannot_be_told_apart_are_refused_in_one_line(shop, name, text, words):
    outcome = shop.items(name, text)
    refused(outcome, *words)
    assert len(outcome.stderr.splitlines()) == 1


def test_items_are_taken_as_they_are_meant(shop):
    table = "id;name;price;ok;ts\n501;a;NaN;True;2026-03-01T13:00:00.123456+01:00\n"
    outcome = shop.items("id.csv", table, "--id-column", "id", "--strict")
    assert outcome.returncode == 0, outcome.stderr
    outcome = shop.items("none.csv", "name,prcie\na,1\n", "--number-rows")
    assert outcome.stdout.splitlines()[1:] == [
        "left out, for the domain does not know them: 'prcie' (once; did you mean 'price'?)"]
    refused(shop.items("none.csv", "name,prcie\na,1\n", "--number-rows", "--strict"), "'prcie'")
    with Server("--domain", shop.domain, data_dir=shop.data) as server, server.client() as client:
        assert client.get("/content/thing/501").json == {
            "thing_id": 501, "name": "a", "price": 0, "ok": True, "ts": "2026-03-01T12:00:00.123Z"}
        assert client.get("/content/thing/502").json["name"] == "a"
        # Through the server the same sentences come.
        refused(shop.items("id.csv", "id,name\n7,a\n"), "no column 'thing_id'")
        refused(shop.items("bad.csv", "thing_id,name,price\nx,a,1\n1,a,y\n"), "there are 2 faults", "line 2: thing_id",
                'line 3: price: should be a number, not "y"')


def test_columns_with_blanks_are_the_fields_that_their_letters_make(shop):
    domain = shop.domain.read_text().replace('name = "price"', 'name = "price_EUR"').replace('["price"]', '["price_EUR"]')
    shop.domain.write_text(domain.replace('name = "age"', 'name = "my_age"'))
    outcome = shop.items("items.csv", "thing_id,name,price (EUR)\n1,a,2.5\nthing_id,name,price (EUR)\n2,b,3\n", "--strict")
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.startswith("2 rows: ") and "the header once more: 1 row" in outcome.stdout
    outcome = shop.history("t.csv", "req,thing_id,clicked,my age\n1,1,0,30\n1,2,1,30\n", *TABLE, "--strict")
    assert outcome.returncode == 0, outcome.stderr
    users, _ = shop.stored()
    assert [user["my_age"] for user in users] == [30]
    refused(shop.history("t.csv", "req,thing_id,clicked,my age\n2,1,0,30\n2,2,1,31\n", *TABLE), "'my_age' has '31'")
    with Server("--domain", shop.domain, data_dir=shop.data) as server, server.client() as client:
        assert client.get("/content/thing/1").json["price_EUR"] == 2.5


def test_a_table_of_history_keeps_people_and_moments(stocked):
    table = ("req,thing_id,clicked,user_key,at,age,colour\n"
             "1,11,False,u1,2026-01-01T01:00:00+01:00,30,red\n"
             "1,12,True,u1,2026-01-01T01:00:00+01:00,30,blue\n"
             "2,3,0,,1767225600,,red\n")
    outcome = stocked.history("t.csv", table, *TABLE)
    assert outcome.returncode == 0, outcome.stderr
    first, *others = outcome.stdout.splitlines()
    assert first.startswith("2 requests imported; ")
    assert others == ["left out, for nobody knows them: 'colour' (3 times)"]
    users, results = stocked.stored()
    assert [user.get("user_key") for user in users] == ["u1", None]
    assert {row["shown_at"] for rows in results for row in rows} == {"2026-01-01T00:00:00.000Z"}
    assert sorted(sorted((row["thing_id"], row["label"]) for row in rows) for rows in results) == [
        [(3, 0)], [(11, 0), (12, 1)]]


@pytest.mark.parametrize("text, args, words", [
    ("req,item,clicked\n1,11,0\n1,12,1\n", [], ["no column 'thing_id'", "--item-column", "--number-rows"]),
    ("req,thing_id,clicked\n1,1,0\n2,2,1\n1,3,0\n", [], ["t.csv:4", "request '1' began at line 2"]),
    ("req,thing_id,clicked,age\n1,1,0,30\n1,2,1,31\n", [], ["t.csv:3", "'age' has '31'", "'30'"]),
    ("req,thing_id,clicked,at\n1,1,0,yesterday\n", [], ["'at' has 'yesterday'"]),
    ("req,thing_id,clicked\n1,1,perhaps\n", [], ["'clicked' has 'perhaps'"]),
    ("req,thing_id,clicked\n1,1];[2,0\n", [], ["'thing_id' has '1];[2'"]),
    ("req,thing_id,clicked,colour\n1,1,0,red\n", ["--strict"], ["'colour'"]),
    ("req,thing_id,clicked\n1,1,0\n2,99,1\n", [], ["line 3: shown: there is no item 99"]),
])
def test_a_table_of_history_that_means_something_else_is_refused(stocked, text, args, words):
    refused(stocked.history("t.csv", text, *TABLE, *args), *words)


def test_rows_of_history_are_numbered_only_when_asked(stocked):
    outcome = stocked.history("t.csv", "req,item,clicked\n1,11,0\n1,12,1\n", *TABLE, "--item-column", "item")
    assert outcome.returncode == 0, outcome.stderr
    outcome = stocked.history("t.csv", "req,clicked\n2,0\n2,1\n", *TABLE, "--number-rows")
    assert outcome.returncode == 0, outcome.stderr
    _, results = stocked.stored()
    assert sorted(sorted(row["thing_id"] for row in rows) for rows in results) == [[1, 2], [11, 12]]


def test_lines_of_history_name_what_is_left_out(stocked):
    text = '\n{"request":{"agee":3},"shown":[1,2],"clicked":[1],"user":"u1"}\n'
    outcome = stocked.history("h.jsonl", text)
    assert outcome.returncode == 0, outcome.stderr
    assert "'clicked' (once; did you mean 'picked'?)" in outcome.stdout
    assert "'request.agee' (once; did you mean 'request.age'?)" in outcome.stdout
    refused(stocked.history("h.jsonl", text, "--strict"), "'clicked'")
    refused(stocked.history("h.jsonl", '\n\n{"request":{},"shown":[1],"at":"soon"}\n'), "line 3: at: ", '"soon"')


def test_train_takes_grades_and_derives_what_is_not_there(tmp_path):
    derived = '[[request.derived]]\nname = "is_30"\nhow = "equals"\nof = "age"\nvalue = 30\n[item]'
    domain = tmp_path / "grades.toml"
    domain.write_text(DOMAIN.replace('features = ["price"]', 'features = ["is_30", "price"]').replace(
        "required = false\n[item]", "default = 0\n" + derived))
    table = tmp_path / "grades.tsv"
    table.write_text("request\tlabel\tage\tprice\n" + "".join(
        f"{r}\t{(r * i) % 5}\t{29 + r % 2}\t{i + (r * i) % 5}\n" for r in range(80) for i in range(1, 5)))
    outcome = run("train", "--family", "logistic", "--data", table, "--test", table, "--domain", domain, "--out",
                  tmp_path / "model", "--scores", tmp_path / "scores.tsv", "--json")
    assert outcome.returncode == 0, outcome.stderr
    assert json.loads(outcome.stdout)["test"]["ndcg@10"] > 0.5
    labels = {line.split("\t")[1] for line in (tmp_path / "scores.tsv").read_text().splitlines()[1:]}
    assert labels == {"0", "1", "2", "3", "4"}


@pytest.mark.parametrize("text", [
    "[" + ".".join("a" * 100_000) + "]\n", "a = " + "{a = " * 50_000, "a = " + "[" * 100_000,
    "".join(f"k{n} = 1\n" for n in range(5_000)),
    (ROOT / "domain/flights.toml").read_text() + "".join(
        f"\n[[item.field]]\nname = 'x{n}'\ntype = 'int'\n" for n in range(5_000)),
], ids=["parts", "tables", "lists", "keys", "fields"])
def test_a_hostile_domain_file_is_refused(tmp_path, text):
    file = tmp_path / "hostile.toml"
    file.write_text(text)
    outcome = run("domain", "check", file)
    assert outcome.returncode == 1, outcome
    assert 1 <= len(outcome.stdout.splitlines()) <= 101
