"""From a table to a domain file, and from there to a ranking over HTTP, by the commands that the program itself names."""

import csv
import gzip
import json
import random
import shlex

import pytest

from rankloop_process import ROOT, Server, run

TABLES = ROOT / "tests/fixtures/tables"
NAMES = sorted(path.name for path in TABLES.iterdir() if path.suffix in (".csv", ".tsv") and path.name != "types.csv")
PLACES = [(52.52, 13.405), (48.85, 2.35), (41.9, 12.5), (59.91, 10.75)]
GENRES = ["drama", "comedy", "war", "crime", "family"]


def infer(*args, **options):
    outcome = run("domain", "infer", *args, **options)
    assert outcome.returncode == 0, outcome.stderr
    return outcome


def follow(commands, folder):
    """Types them; answers what each said."""
    said = []
    for command in commands:
        program, *words = shlex.split(command)
        assert program == "rankloop"
        outcome = run(*words, cwd=folder)
        assert outcome.returncode == 0, (command, outcome.stderr)
        said.append(outcome.stdout)
    return said


def ranked(server, body):
    with server.client() as client:
        return client.post("/inference/start?wait=20s&limit=5", json=body).json["results"]


@pytest.mark.parametrize("name", NAMES)
def test_a_foreign_table_is_ranked_by_the_commands_that_infer_names(name, tmp_path):
    table = tmp_path / name
    table.write_bytes((TABLES / name).read_bytes())
    told = json.loads(infer(name, "--out", "my.toml", "--json", cwd=tmp_path).stdout)
    *commands, serve = told["next"]
    said = follow(commands, tmp_path)
    rows = told["items"]["rows"]
    assert said[1].startswith(f"{rows} rows: {rows} new items, 0 replaced"), said[1]
    assert serve.startswith("rankloop serve --domain my.toml --data-dir ")
    with Server("--domain", tmp_path / "my.toml", data_dir=tmp_path / "data" / told["name"]) as server:
        results = ranked(server, {})
        assert len(results) == 5
        always = {column["field"] for column in told["columns"] if column["table"] == "items" and column["field"]
                  and "empty" not in column["seen"]}
        assert always <= set(results[0])


def write_history(folder):
    draw = random.Random(5)
    films = [[n, f"Film {n}", draw.choice(GENRES), "|".join(draw.sample(["new", "long", "old", "loud"], 2)),
              round(draw.uniform(1, 20), 2), "{},{}".format(*draw.choice(PLACES)), f"2026-01-{n % 28 + 1:02d}"] for n in range(1, 61)]
    lines = ["film id,Title,genre,tags,price (EUR),where,added"]
    lines += [",".join(f'"{cell}"' for cell in film) for film in films]
    (folder / "films.csv").write_text("\n".join(lines) + "\n")
    rows = ["search_id,user_id,at,genre,budget,home,film id,position,clicked"]
    for search in range(120):
        wanted, home = draw.choice(GENRES), draw.choice(PLACES)
        shown = draw.sample(films, 6)
        likes = [film for film in shown if film[2] == wanted] or shown[:1]
        for place, film in enumerate(shown, 1):
            rows.append(f"s{search},u{search % 9},{1_767_225_600 + search * 60},{wanted},{5 + search % 9}.5,\"{home[0]},{home[1]}\","
                        f"{film[0]},{place},{int(film is likes[0])}")
    (folder / "log.csv").write_text("\n".join(rows) + "\n")


def test_a_history_is_imported_and_learned_from_by_the_commands_that_infer_names(tmp_path):
    write_history(tmp_path)
    told = json.loads(infer("films.csv", "--history", "log.csv", "--out", "my.toml", "--json", cwd=tmp_path).stdout)
    assert told["history_columns"] == {"request": "search_id", "person": "user_id", "moment": "at", "item": "film id",
                                       "pick": "clicked", "number_rows": False, "importable": True}
    assert told["id_column"] == "film id"
    assert 'id = {field = "film_id", column = "film id"}\n' in (tmp_path / "my.toml").read_text()
    *commands, _ = told["next"]
    said = follow(commands, tmp_path)
    assert said[2].startswith("120 requests imported; ")
    assert "ndcg@10" in said[3]
    text = (tmp_path / "my.toml").read_text()
    for cross in ("same_genre", "within_price_EUR", "km_where", "days_added"):
        assert f'name = "{cross}"' in text
    with Server("--domain", tmp_path / "my.toml", data_dir=tmp_path / "data/films") as server:
        results = ranked(server, {"genre": "war", "budget": 9.5, "home": {"lat": 48.85, "lon": 2.35}})
        assert {"film_id", "Title", "price_EUR"} <= set(results[0])


def test_without_a_file_the_domain_goes_to_standard_output_and_the_table_beside_it(tmp_path):
    outcome = infer(TABLES / "cars.csv", "--sample", "40", "--name", "garage")
    assert '\n[domain]\nname = "garage"\n' in outcome.stdout
    assert "the first 40 rows" in outcome.stdout
    assert "items: the first 40 rows" in outcome.stderr and "next:" in outcome.stderr
    (tmp_path / "garage.toml").write_text(outcome.stdout)
    checked = run("domain", "check", tmp_path / "garage.toml")
    assert checked.returncode == 0, checked.stdout


def test_a_file_that_is_there_stays_and_what_is_no_table_is_refused(tmp_path):
    (tmp_path / "my.toml").write_text("mine")
    outcome = run("domain", "infer", TABLES / "cars.csv", "--out", tmp_path / "my.toml")
    assert outcome.returncode != 0 and "is there already" in outcome.stderr
    assert (tmp_path / "my.toml").read_text() == "mine"
    (tmp_path / "log.jsonl").write_text("[1]\n")
    outcome = run("domain", "infer", TABLES / "cars.csv", "--history", tmp_path / "log.jsonl", "--out", tmp_path / "new.toml")
    assert outcome.returncode == 2 and "log.jsonl: has no line that is a JSON object" in outcome.stderr
    assert not (tmp_path / "new.toml").exists()
    assert "nowhere.csv" in run("domain", "infer", tmp_path / "nowhere.csv").stderr


def thing(n):
    """As a shop's program writes it: every value is what it is."""
    return {"sku": f"t-{n:03}", "name": f"Thing {n}", "Price (EUR)": n / 4, "stock": n, "new": n % 2 == 0, "code": f"{n:05}",
            "tags": ["red", "sale"][:n % 3], "look": [n, 0.5, 2], "maker": {"name": "A", "city": "B"}, "kind": ["a", "b"][n % 2]}


@pytest.mark.parametrize("name", ["things.jsonl", "things.ndjson.gz", "export.dat"])
def test_lines_of_json_become_a_catalog(tmp_path, name):
    text = "".join(json.dumps(thing(n)) + "\n" for n in range(1, 41)) + "no object\n"
    (tmp_path / name).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    outcome = infer(name, "--out", "things.toml", "--json", cwd=tmp_path)
    told = json.loads(outcome.stdout)
    assert (told["items"]["rows"], told["items"]["bad_rows"], told["items"]["separator"]) == (40, 1, "none")
    columns = {each["column"]: each for each in told["columns"]}
    assert {name: columns[name]["type"] for name in ("Price (EUR)", "stock", "new", "code", "tags", "look")} == {
        "Price (EUR)": "float", "stock": "int", "new": "bool", "code": "string", "tags": "tags", "look": "vector"}
    assert columns["maker"]["role"] == "ignored" and "it is not used" in columns["maker"]["doubts"][0]
    assert 'name = "Price_EUR"\ncolumn = "Price (EUR)"\n' in (tmp_path / "things.toml").read_text()
    follow([command for command in told["next"] if " import " in command or " check " in command], tmp_path)
    directory = next(command for command in told["next"] if " import " in command).split("--data-dir ")[1].split()[0]
    with Server("--domain", tmp_path / "things.toml", data_dir=tmp_path / directory) as server:
        with server.client() as client:
            found = client.get("/items:search?limit=100").json["items"]
    item = next(row["item"] for row in found if row["item"]["sku"] == "t-007")
    assert item["Price_EUR"] == 1.75 and item["look"] == [7, 0.5, 2] and item["tags"] == ["red"] and item["code"] == "00007"
    assert "maker" not in item


def test_the_column_of_the_ids_is_named_in_the_file(tmp_path):
    rows = "".join(f"A-{n},Thing {n},{n / 4}\n" for n in range(1, 31))
    (tmp_path / "things.csv").write_text("Article No,name,price\n" + rows)
    told = json.loads(infer("things.csv", "--id-column", "Article No", "--out", "things.toml", "--json", cwd=tmp_path).stdout)
    assert told["id_column"] == "Article No"
    assert 'id = {field = "Article_No", type = "string", column = "Article No"}\n' in (tmp_path / "things.toml").read_text()
    bring = next(command for command in told["next"] if " import items " in command)
    assert "--id-column" not in bring
    assert follow([bring], tmp_path)[0].startswith("30 rows: 30 new items")
    lines = tmp_path / "more.jsonl"
    for member in ("Article No", "Article_No"):
        lines.write_text(json.dumps({member: "A-31", "name": member, "price": 1}) + "\n")
        for named in ((), ("--id-column", member)):
            outcome = run("import", "items", lines, *named, "--domain", "things.toml", "--data-dir", "data/things", cwd=tmp_path)
            assert outcome.returncode == 0 and outcome.stdout.startswith("1 rows"), (member, named, outcome.stderr)
    bad = run("import", "items", "things.csv", "--id-column", "sku", "--domain", "things.toml", "--data-dir", "data/things",
              cwd=tmp_path)
    assert bad.returncode == 2 and "'sku'" in bad.stderr


def test_a_log_of_json_lines_is_imported_by_the_commands_that_infer_names(tmp_path):
    write_history(tmp_path)
    header, *rows = csv.reader((tmp_path / "log.csv").read_text().splitlines())
    log = [dict(zip(header, row)) for row in rows]
    for row in log:
        lat, lon = map(float, row["home"].split(","))
        row.update({"budget": float(row["budget"]), "home": {"lat": lat, "lon": lon}, "film id": int(row["film id"]),
                    "position": int(row["position"]), "clicked": row["clicked"] == "1", "at": int(row["at"])})
    (tmp_path / "log.ndjson.gz").write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in log).encode()))
    told = json.loads(infer("films.csv", "--history", "log.ndjson.gz", "--out", "my.toml", "--json", cwd=tmp_path).stdout)
    assert told["history_columns"] == {"request": "search_id", "person": "user_id", "moment": "at", "item": "film id",
                                       "pick": "clicked", "number_rows": False, "importable": True}
    *commands, _ = told["next"]
    said = follow(commands, tmp_path)
    assert said[2].startswith("120 requests imported; ")
    assert "ndcg@10" in said[3]
