"""Files as other people have them: packed, encoded, separated in their way, with bad rows; offline and over HTTP."""

import gzip
import json
import subprocess

import pytest

from process import program
from rankloop_process import Server
from shop import TABLE, Shop, refused

GOOD = "thing_id,name,price\n1,Crème,3\n2,b,4\n"
BAD = 'thing_id,name,price\n1,a,3\n2,"b, c",x\n3\n4,d,4\n5,"e,5\n6,f,6\n'


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


@pytest.fixture(params=["offline", "through a server"])
def reached(request, shop):
    """A shop whose imports go into the store, or through a server that has it."""
    if request.param == "offline":
        yield shop
        return
    with Server("--domain", shop.domain, data_dir=shop.data) as server:
        shop.server = server
        yield shop


def report(outcome):
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)


def zstd(text):
    return subprocess.run([program("zstd"), "-q"], input=text, capture_output=True, check=True).stdout


@pytest.mark.parametrize("name, text, args, read", [
    ("a.csv.gz", gzip.compress(GOOD.encode()), [], ("comma", "utf-8", "gzip")),
    ("plain.csv", gzip.compress(GOOD.encode()), [], ("comma", "utf-8", "gzip")),
    ("a.csv.zst", zstd(GOOD.encode()), [], ("comma", "utf-8", "zstd")),
    ("a.csv", GOOD.replace(",", ";").encode("utf-8-sig"), [], ("semicolon", "utf-8", "none")),
    ("a.tsv", GOOD.replace(",", "|").encode(), [], ("bar", "utf-8", "none")),
    ("a.csv", GOOD.encode("utf-16"), [], ("comma", "utf-16le", "none")),
    ("a.csv", GOOD.encode("utf-16-be"), ["--encoding", "utf-16be"], ("comma", "utf-16be", "none")),
    ("a.csv", GOOD.encode("cp1252"), ["--encoding", "latin1"], ("comma", "latin1", "none")),
    ("a.csv.gz", gzip.compress(GOOD.replace(",", "\t").encode("cp1252")),
     ["--encoding", "windows-1252", "--separator", "tab"], ("tab", "latin1", "gzip")),
    ("a.jsonl.gz", gzip.compress(b'{"thing_id":1,"name":"Cr\xc3\xa8me"}\n{"thing_id":2,"name":"b"}\n'), [],
     (None, "utf-8", "gzip")),
])
def test_files_are_read_as_they_are(reached, name, text, args, read):
    told = report(reached.items(name, text, "--strict", "--json", *args))
    assert (told["rows"], told["created"]) == (2, 2)
    assert (told["separator"], told["encoding"], told["compression"]) == read
    assert told["seconds"] > 0 and told["rows_per_second"] > 0
    assert reached.names() == {1: "Crème", 2: "b"}


@pytest.mark.parametrize("text, words", [
    (GOOD.encode("cp1252"), ["line 2", "Latin-1", "--encoding latin1"]),
    (GOOD.encode("utf-16-le"), ["UTF-16", "utf-16le"]),
    (gzip.compress(GOOD.encode())[:-9], ["gzip data end early"]),
    (gzip.compress(b"thing_id,name,price\n" + b"\n" * (80 << 20)), ["250 times"]),
    (b"PAR1\x15\x00\x15", ["Parquet"]),
    (b"thing_id,name,price,name\n1,a,3,b\n", ["'name' stands there twice"]),
    (b"thing_id,name,prcie\n1,a,3\n", ["'prcie'", "did you mean 'price'?"]),
])
def test_what_cannot_be_read_is_refused_in_one_line(reached, text, words):
    outcome = reached.items("a.csv", text, "--strict")
    refused(outcome, *words)
    told = [line for line in outcome.stderr.splitlines() if not line.startswith("sending ")]  # how far it had come
    assert len(told) == 1
    assert reached.names() == {}


def test_what_was_not_expected_is_told(shop):
    outcome = shop.items("a.csv", "thing_id;name;prcie\n1;a;3\nthing_id;name;prcie\n2;b;4\n")
    assert outcome.returncode == 0, outcome.stderr
    first, *others = outcome.stdout.splitlines()
    assert first.startswith("2 rows: 2 new items, 0 replaced; catalog version 1; ") and first.endswith(" rows/s")
    assert others == ["left out, for the domain does not know them: 'prcie' (2 times; did you mean 'price'?)",
                      "left out, for it is the header once more: 1 row",
                      "read as a table with a semicolon between cells"]
    refused(shop.items("a.csv", GOOD, "--separator", "space"), "allowed are comma")
    refused(shop.items("a.csv", GOOD, "--encoding", "ebcdic"), "latin1")


def test_bad_rows_are_kept_to_be_mended(reached):
    bad = reached.folder / "bad.csv"
    refused(reached.items("a.csv", BAD), "there are 3 faults")
    told = report(reached.items("a.csv", BAD, "--skip-bad", bad, "--json"))
    assert (told["rows"], told["bad_rows"]) == (3, 3)
    assert [row["line"] for row in told["bad"]] == [3, 4, 6]
    rows = bad.read_text().splitlines()
    assert rows[0] == "line,reason,thing_id,name,price"
    assert rows[1] == '3,"price: should be a number, not ""x""",2,"b, c",x'
    assert rows[2] == "4,the row has 1 cells; the header has 3,3"
    assert rows[3] == '6,a quoted cell is never closed,"5,""e,5"'
    mended = bad.read_text().replace(",x\n", ",2\n").replace("has 3,3\n", "has 3,3,c,3\n").replace('"5,""e,5"', "5,e,5")
    told = report(reached.items("mended.csv", mended, "--strict", "--skip-bad", bad, "--json"))
    assert (told["rows"], told["created"], told["bad_rows"]) == (3, 3, 0)
    assert bad.read_text() == "line,reason,thing_id,name,price\n"
    assert reached.names() == {1: "a", 2: "b, c", 3: "c", 4: "d", 5: "e", 6: "f"}


def test_bad_lines_of_json_are_kept_to_be_mended(reached):
    bad = reached.folder / "bad.jsonl"
    text = '{"thing_id":1,"name":"a"}\n{"thing_id":"x","name":"b"}\n{"name":}\nnonsense\n'
    told = report(reached.items("a.jsonl", text, "--skip-bad", bad, "--json"))
    assert (told["rows"], told["bad_rows"]) == (1, 3)
    lines = bad.read_text().splitlines()
    assert json.loads(lines[0])["line"] == 2 and json.loads(lines[0])["name"] == "b"
    assert lines[1].startswith('{"line":3,"reason":"') and lines[1].endswith('","name":}')
    assert json.loads(lines[2])["text"] == "nonsense"
    mended = bad.read_text().replace('"x"', "2").replace('"name":}', '"thing_id":3,"name":"c"}')
    again = report(reached.items("mended.jsonl", mended, "--strict", "--skip-bad", bad, "--json"))
    assert (again["rows"], again["bad_rows"]) == (2, 1)
    assert json.loads(bad.read_text())["text"] == "nonsense"
    assert reached.names() == {1: "a", 2: "b", 3: "c"}


def test_reasons_are_told_up_to_a_bound(shop):
    bad = shop.folder / "bad.csv"
    outcome = shop.items("a.csv", "thing_id,name,price\n1,a,1\n" + "x,b,2\n" * 50, "--skip-bad", bad)
    assert outcome.returncode == 0, outcome.stderr
    told = outcome.stdout.splitlines()
    assert told[1] == f"50 bad rows are left out and stand in {bad}:"
    assert told[2].startswith("  line 3: thing_id: ")
    assert len(told) == 13 and told[-1] == "  and 40 more"
    assert len(bad.read_text().splitlines()) == 51
    file = shop.folder / "a.csv"
    before = file.read_text()
    refused(shop.items("a.csv", before, "--skip-bad", file), "which is the file that is imported")
    assert file.read_text() == before
    refused(shop.items("a.csv", before, "--skip-bad", shop.folder / "none" / "bad.csv"), "cannot write")


def test_history_is_read_as_it_is(reached):
    report(reached.items("items.csv", "thing_id,name\n1,a\n2,b\n3,c\n", "--json"))
    table = "req;thing_id;clicked;age\n1;1;0;30\n1;2;1;30\nreq;thing_id;clicked;age\n2;3;1;31\n"
    told = report(reached.history("t.csv.gz", gzip.compress(table.encode("utf-16")), *TABLE, "--json"))
    assert (told["requests"], told["repeated_headers"]) == (2, 1)
    assert (told["separator"], told["encoding"], told["compression"]) == ("semicolon", "utf-16le", "gzip")
    lines = '{"request":{},"shown":[1],"user_key":"é"}\n'.encode("cp1252")
    refused(reached.history("h.jsonl", lines), "line 1: ", "Latin-1", "--encoding latin1")
    assert report(reached.history("h.jsonl", lines, "--encoding", "latin1", "--json"))["requests"] == 1
    refused(reached.history("t.csv", "req,thing_id,clicked\n1,1,\xe9\n".encode("cp1252"), *TABLE), "t.csv:2", "Latin-1")


def test_bad_requests_of_history_are_kept_to_be_mended(reached):
    report(reached.items("items.csv", "thing_id,name\n1,a\n2,b\n3,c\n", "--json"))
    table = ("req,thing_id,clicked,age\n1,1,0,30\n1,2,1,30\n"  # good
             "2,1,0,30\n2,99,0,30\n"  # there is no such item
             "3,1,0,30\n3,2,maybe,30\n3,3,0,30\n"  # no number
             "4,1,0,30\n4,2\n"  # half a row
             "5,3,1,30\n")
    bad = reached.folder / "bad.csv"
    told = report(reached.history("t.csv", table, *TABLE, "--skip-bad", bad, "--json"))
    assert (told["requests"], told["bad_rows"]) == (2, 3)
    assert [row["line"] for row in told["bad"]] == [4, 6, 9]
    rows = [row.split(",") for row in bad.read_text().splitlines()]
    assert rows[0] == ["line", "reason", "req", "thing_id", "clicked", "age"]
    assert [(row[0], row[-4 if row[0] != "10" else -2]) for row in rows[1:]] == [
        ("4", "2"), ("5", "2"), ("6", "3"), ("7", "3"), ("8", "3"), ("9", "4"), ("10", "4")]
    mended = bad.read_text().replace(",99,", ",2,").replace(",maybe,", ",1,").replace("4,2\n", "4,2,0,30\n")
    told = report(reached.history("mended.csv", mended, *TABLE, "--strict", "--skip-bad", bad, "--json"))
    assert (told["requests"], told["bad_rows"]) == (3, 0)

    lines = '{"request":{},"shown":[1]}\n[]\n{"request":{},"shown":[77]}\n'
    told = report(reached.history("h.jsonl", lines, "--skip-bad", bad, "--json"))
    assert (told["requests"], [row["line"] for row in told["bad"]]) == (1, [2, 3])
    assert json.loads(bad.read_text().splitlines()[1])["shown"] == [77]


def test_a_body_says_how_it_is_to_be_read(shop):
    with Server("--domain", shop.domain, data_dir=shop.data) as server, server.client() as client:
        def bring(body, query="", content_type="text/csv"):
            return client.request("POST", f"/items:import{query}", body=body, headers={"Content-Type": content_type})

        answer = bring(GOOD.encode("cp1252"), content_type='text/csv; charset="ISO-8859-1"')
        assert (answer.status, answer.json["encoding"]) == (200, "latin1")
        assert bring(GOOD.encode("cp1252"), "?encoding=latin1").json["encoding"] == "latin1"
        assert bring(gzip.compress(GOOD.encode())).json["compression"] == "gzip"
        assert bring(GOOD, "?separator=tab").status == 422
        assert bring(GOOD, "?separator=space").status == 422
        assert bring(GOOD, content_type="text/csv; charset=ebcdic").status == 422
        answer = bring("thing_id,name\n1,a\nx,b\n", "?skip_bad=true")
        assert answer.status == 200 and answer.json["rows"] == 1
        assert answer.json["bad"] == [{"line": 3, "reason": answer.json["bad"][0]["reason"]}]
        answer = client.request("POST", "/history:import?skip_bad=true", body=b"[]\n",
                                headers={"Content-Type": "application/x-ndjson"})
        assert answer.status == 200 and answer.json["bad"][0]["line"] == 1


RENAMED = {'name = "name"\n': 'name = "name"\ncolumn = "Name of it"\n', 'name = "price"\n': 'name = "price"\ncolumn = "cost"\n',
           'name = "age"\n': 'name = "age"\ncolumn = "Years"\n'}


@pytest.fixture
def renamed(shop):
    text = shop.domain.read_text()
    for own, other in RENAMED.items():
        assert own in text
        text = text.replace(own, other, 1)
    shop.domain.write_text(text)
    return shop


@pytest.mark.parametrize("name, text", [
    ("a.csv", "thing_id,Name of it,cost,price\n1,a,3,9\n2,b,4,9\n"),
    ("a.tsv", "thing_id\tcost\tprice\tName of it\n1\t3\t9\ta\n2\t4\t9\tb\n"),
    ("a.jsonl", '{"thing_id":1,"Name of it":"a","cost":3}\n{"thing_id":2,"Name of it":"b","cost":4}\n'),
    ("a.csv", "thing_id,name,price\n1,a,3\n2,b,4\n"),
])
def test_a_field_is_found_by_its_column(renamed, name, text):
    told = report(renamed.items(name, text, "--json"))
    unknown = [each["name"] for each in told["unknown"]]
    assert unknown == (["price"] if "cost" in text and "price" in text else [])
    with Server("--domain", renamed.domain, "--workers", "0", data_dir=renamed.data) as server, server.client() as client:
        items = [row["item"] for row in client.get("/items:search?limit=10").json["items"]]
    assert [(item["thing_id"], item["name"], item["price"]) for item in items] == [(1, "a", 3), (2, "b", 4)]


def test_a_request_of_history_is_found_by_its_column(renamed):
    report(renamed.items("a.csv", "thing_id,Name of it\n1,a\n2,b\n", "--json"))
    told = report(renamed.history("h.csv", "req,thing_id,clicked,Years\nr1,1,0,40\nr1,2,1,40\n", "--request-column", "req",
                                  "--picked-column", "clicked", "--strict", "--json"))
    assert told["requests"] == 1
    users, _ = renamed.stored()
    assert [user["age"] for user in users] == [40]
