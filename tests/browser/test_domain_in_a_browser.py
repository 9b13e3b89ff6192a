"""From a dropped file to a first ranking, and a domain that is changed while it is served."""

import gzip
import json
import re

import pytest
from playwright.sync_api import expect

from conftest import NARROW, violations
from rankloop_process import Server

SECONDS = 60_000
ROWS = [f"{n},Film {n},{('drama', 'comedy', 'war')[n % 3]},{n / 4},{'yes' if n % 2 else 'no'}" for n in range(1, 31)]
FILMS = "film_id,title,genre,price,seen\n" + "\n".join(ROWS) + "\n31,broken\n"
DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, {type: "text/csv"}));
  document.querySelector(".drop").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def empty():
    with Server("--empty") as server:
        yield server


def drop(page, name, text):
    page.get_by_text("Drop a file of your items here").wait_for()
    page.evaluate(DROP, [name, text])


def row(page, column):
    return page.locator("tr", has=page.get_by_role("rowheader", name=re.compile(f"^{column}")))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_dropped_file_becomes_a_catalog_and_a_first_ranking(dashboard, empty, axe, scheme):
    window = dashboard(empty, color_scheme=scheme)
    page = window.open("domain", "Domain")
    window.settle()
    window.picture(f"domain-empty-{scheme}")
    assert violations(page, axe) == []
    drop(page, "films.csv", FILMS)
    expect(page.get_by_label("Type of price")).to_have_value("float", timeout=SECONDS)
    expect(page.get_by_text("The id of an item is film_id")).to_be_visible()
    expect(page.get_by_text("1 row cannot be read")).to_be_visible()
    page.get_by_label("Type of price").select_option("category")
    expect(row(page, "price")).to_contain_text("any word", timeout=SECONDS)
    page.get_by_label("Type of price").select_option("float")
    expect(page.get_by_label("Type of price")).to_have_value("float", timeout=SECONDS)
    page.get_by_label("What seen is").select_option("left out")
    expect(page.get_by_label("Type of seen")).to_have_count(0, timeout=SECONDS)
    page.get_by_label("title may be absent").check()
    page.locator("summary", has_text="The domain file (TOML)").click()
    text = page.get_by_label("The proposed domain file")
    expect(text).to_have_value(re.compile(r'name = "title"\ntype = "\w+"\nrequired = false'), timeout=SECONDS)
    window.picture(f"domain-columns-{scheme}")
    assert violations(page, axe) == []

    page.get_by_role("button", name="Use it, import and rank").click()
    expect(page.get_by_text("30 items added, 0 replaced")).to_be_visible(timeout=SECONDS)
    bad = page.get_by_role("region", name="Table of bad rows")
    expect(bad.locator("tbody tr")).to_have_count(1)
    expect(bad).to_contain_text("32")
    expect(page.get_by_role("button", name=re.compile("^Pick "))).to_have_count(10, timeout=SECONDS)
    window.settle()
    window.picture(f"domain-first-ranking-{scheme}")
    assert violations(page, axe) == []
    with empty.client() as client:
        assert client.get("/domain").json["name"] == "films"
        film = client.get("/content/film/7").json
        assert film["price"] == 1.75 and "seen" not in film
    assert window.complaints == []


def test_lines_of_json_begin_a_catalog_too(dashboard, empty):
    window = dashboard(empty)
    page = window.open("domain", "Domain")
    lines = "".join(f'{{"thing_id": {n}, "code": "{n:03}", "size": {n}.5}}\n' for n in range(1, 25))
    drop(page, "things.jsonl", lines)
    expect(page.get_by_label("Type of size")).to_have_value("float", timeout=SECONDS)
    page.get_by_role("button", name="Use it, import and rank").click()
    expect(page.get_by_text("24 items added, 0 replaced")).to_be_visible(timeout=SECONDS)
    expect(page.get_by_role("button", name=re.compile("^Pick "))).to_have_count(10, timeout=SECONDS)
    assert window.complaints == []


def test_packed_lines_of_json_are_looked_at(dashboard, empty, axe, tmp_path):
    window = dashboard(empty)
    page = window.open("domain", "Domain")
    lines = "".join(json.dumps({"thing_id": n, "size": n + 0.5, "sold": n % 2 == 0, "tags": ["red", "sale"][:n % 3],
                                "maker": {"name": "A"}}) + "\n" for n in range(1, 25))
    packed = tmp_path / "things.jsonl.gz"
    packed.write_bytes(gzip.compress(lines.encode()))
    page.get_by_label("Choose a file").set_input_files(packed)
    expect(page.get_by_label("Type of tags")).to_have_value("tags", timeout=SECONDS)
    expect(page.get_by_label("Type of sold")).to_have_value("bool")
    expect(row(page, "maker")).to_contain_text("it is not used")
    window.picture("domain-lines")
    assert violations(page, axe) == []
    page.get_by_role("button", name="Use it, import and rank").click()
    expect(page.get_by_text("24 items added, 0 replaced")).to_be_visible(timeout=SECONDS)
    assert window.complaints == []


def test_a_field_has_another_name_than_its_column(dashboard, empty, axe):
    window = dashboard(empty)
    page = window.open("domain", "Domain")
    drop(page, "films.csv", FILMS)
    name = page.get_by_label("Name of the field of price")
    expect(name).to_have_value("price", timeout=SECONDS)
    name.fill("the price")
    name.press("Tab")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("a name is a letter", timeout=SECONDS)
    use = page.get_by_role("button", name="Use it, import and rank")
    expect(use).to_be_disabled()
    window.picture("domain-name-refused")
    name.fill("cost")
    name.press("Tab")
    expect(alert).to_have_count(0, timeout=SECONDS)
    # Two that change their names.
    page.get_by_label("Name of the field of title").fill("genre")
    page.get_by_label("Name of the field of genre").fill("title")
    page.get_by_label("Name of the field of genre").press("Tab")
    page.locator("summary", has_text="The domain file (TOML)").click()
    text = page.get_by_label("The proposed domain file")
    for field, column in (("cost", "price"), ("genre", "title"), ("title", "genre")):
        expect(text).to_have_value(re.compile(f'name = "{field}"\ncolumn = "{column}"\n'), timeout=SECONDS)
    window.picture("domain-names")
    assert violations(page, axe) == []
    expect(use).to_be_enabled(timeout=SECONDS)
    use.click()
    expect(page.get_by_text("30 items added, 0 replaced")).to_be_visible(timeout=SECONDS)
    with empty.client() as client:
        film = client.get("/content/film/7").json
    assert (film["cost"], film["genre"], film["title"]) == (1.75, "Film 7", "comedy")
    assert window.complaints == []


def test_a_file_that_is_no_table_is_told_and_another_one_taken(dashboard, empty, tmp_path):
    window = dashboard(empty)
    page = window.open("domain", "Domain")
    drop(page, "films.csv", "only,a,header\n")
    expect(page.get_by_role("alert")).to_contain_text("no row", timeout=SECONDS)
    latin = tmp_path / "latin.csv"
    latin.write_bytes("film_id,title\n1,Crème\n2,Brûlée\n".encode("latin1"))
    page.get_by_label("Choose a file").set_input_files(latin)
    page.get_by_role("button", name="Read it as Latin-1").click(timeout=SECONDS)
    expect(row(page, "title")).to_contain_text("Crème", timeout=SECONDS)
    assert window.complaints == []


def test_the_wizard_fits_a_phone(dashboard, empty, axe):
    window = dashboard(empty, viewport=NARROW, has_touch=True)
    page = window.open("domain", "Domain")
    drop(page, "films.csv", FILMS)
    expect(page.get_by_label("Type of price")).to_have_value("float", timeout=SECONDS)
    window.picture("domain-columns-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert violations(page, axe) == []


def test_a_changed_domain_is_understood_before_it_is_made(dashboard, own_turned_server, axe):
    window = dashboard(own_turned_server)
    page = window.open("domain", "Domain")
    editor = page.get_by_label("The domain file (TOML)")
    text = editor.input_value()
    apply = page.get_by_role("button", name="Apply")
    expect(page.get_by_text("Drop a file")).to_have_count(0)

    editor.fill(text + "[[item.field]]\nname = 3\n")
    page.get_by_role("button", name="What does it mean?").click()
    expect(page.get_by_role("alert")).to_contain_text("line", timeout=SECONDS)
    expect(apply).to_be_disabled()

    editor.fill(text + '\n[[item.field]]\nname = "stars"\ntype = "float"\n')
    page.get_by_role("button", name="What does it mean?").click()
    expect(page.get_by_text("takes only what adds")).to_be_visible(timeout=SECONDS)
    expect(apply).to_be_disabled()
    window.picture("domain-refused")
    assert violations(page, axe) == []

    wanted = text + '\n[[item.field]]\nname = "stars"\ntype = "float"\nrequired = false\n'
    editor.fill(wanted)
    page.get_by_role("button", name="What does it mean?").click()
    expect(page.get_by_text("the item field stars is new")).to_be_visible(timeout=SECONDS)
    window.picture("domain-change")
    apply.press("Enter")
    expect(page.get_by_text("goes on with the changed domain")).to_be_visible(timeout=SECONDS)
    expect(editor).to_have_value(wanted)
    with own_turned_server.client() as client:
        assert client.get("/domain").json["text"] == wanted
    page.get_by_role("link", name="Catalog", exact=True).click()
    page.get_by_role("button", name="Add").click(timeout=SECONDS)
    expect(page.get_by_role("dialog").get_by_label("stars (optional)")).to_be_visible(timeout=SECONDS)
    assert window.complaints == []


def test_bad_rows_of_an_import_are_told_and_passed_over(dashboard, empty, tmp_path):
    window = dashboard(empty)
    page = window.open("domain", "Domain")
    drop(page, "films.csv", FILMS)
    page.get_by_role("button", name="Use it, import and rank").click(timeout=SECONDS)
    expect(page.get_by_text("30 items added")).to_be_visible(timeout=SECONDS)
    more = tmp_path / "more.csv"
    more.write_text("film_id,title,genre,price,seen\n40,Film 40,war,1,yes\n41,Film 41,war,much,yes\n")
    page = window.open("catalog", "Catalog")
    page.get_by_label("Import").set_input_files(more)
    page.get_by_role("button", name="Import the good rows").click(timeout=SECONDS)
    expect(page.get_by_text("1 item added, 0 replaced")).to_be_visible(timeout=SECONDS)
    expect(page.get_by_role("region", name="Table of bad rows")).to_contain_text("price")
    assert window.complaints == []
