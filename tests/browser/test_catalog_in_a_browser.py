"""A catalog of another domain: long names, optional fields, more items than an answer carries."""

import json

import pytest
from playwright.sync_api import expect

from rankloop_process import Server

SECONDS = 60_000
MANY = 20_000
LONG = "The Film With The Name That Does Not End " * 9

FILMS = """
domain.name = 'films'
request.noun = 'viewer'
item.noun = 'film'
model.features = ['age', 'year']
[[request.field]]
name = 'age'
type = 'int'
minimum = 0
[[item.field]]
name = 'title'
type = 'string'
[[item.field]]
name = 'year'
type = 'int'
[[item.field]]
name = 'director'
type = 'string'
required = false
[[item.field]]
name = 'stars'
type = 'float'
required = false
"""


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    domain = tmp_path_factory.mktemp("films") / "films.toml"
    domain.write_text(FILMS)
    rows = [{"film_id": number, "title": f"Film {number}", "year": 1900 + number % 120} for number in range(1, MANY + 1)]
    rows[0] |= {"title": LONG, "director": "Ida", "stars": 4.5}
    text = "".join(json.dumps(row) + "\n" for row in rows)
    with Server("--domain", domain) as server:
        with server.client(seconds=120) as client:
            sent = client.post("/items:import", body=text.encode(), headers={"Content-Type": "application/x-ndjson"})
            assert sent.status == 200, sent
        yield server


def test_an_item_behind_the_first_thousands_is_found_and_changed(dashboard, films):
    window = dashboard(films)
    page = window.open("catalog", "Catalog")
    page.get_by_role("heading", name="20,000 items").wait_for(timeout=SECONDS)
    page.get_by_label("Search").fill(str(MANY - 1))
    page.get_by_role("button", name=f"Edit {MANY - 1}", exact=True).click(timeout=SECONDS)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("title").fill("Found at last")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    page.get_by_label("Search").fill("at last")
    expect(page.locator("tbody tr")).to_have_count(1, timeout=SECONDS)
    expect(page.locator("#search-note")).to_have_text("1 found", timeout=SECONDS)
    page.get_by_label("Search").fill("yeer<1950")
    expect(page.locator("#search-note")).to_contain_text("'yeer' is no number of a film", timeout=SECONDS)
    assert window.complaints == []


def test_a_visit_of_the_catalog_loads_one_page_of_it(dashboard, films):
    window = dashboard(films)
    sizes = []
    window.page.on("requestfinished", lambda request: sizes.append(0 if "/docs/assets/" in request.url else request.sizes()["responseBodySize"]))
    page = window.open("catalog", "Catalog")
    expect(page.locator("tbody tr")).to_have_count(25, timeout=SECONDS)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("26 to 50 of 20,000")).to_be_visible(timeout=SECONDS)
    assert sum(sizes) < 300_000


def test_a_long_name_is_cut_and_told_whole(dashboard, films):
    page = dashboard(films).open("catalog", "Catalog")
    row = page.locator("tr", has=page.get_by_role("button", name="Edit 1", exact=True))
    cell = row.get_by_title(LONG.strip(), exact=False)
    expect(cell).to_be_visible(timeout=SECONDS)
    assert cell.evaluate("cell => cell.scrollWidth > cell.clientWidth")
    # The other columns stay in sight.
    assert page.get_by_role("region", name="Table of items").evaluate("table => table.scrollWidth <= table.clientWidth + 1")


def test_an_emptied_field_is_cleared(dashboard, films):
    page = dashboard(films).open("catalog", "Catalog")
    page.get_by_role("button", name="Edit 1", exact=True).click(timeout=SECONDS)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("director (optional)").fill("")
    dialog.get_by_label("stars (optional)").fill("")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    with films.client() as client:
        film = client.get("/content/film/1").json
        assert film.get("director") is None and film.get("stars") is None
        assert film["year"] == 1901


def test_a_file_without_ids_is_numbered_only_when_somebody_says_so(dashboard, films, tmp_path):
    table = tmp_path / "new.csv"
    table.write_text("title,year\nA Film Without A Number,1977\n")
    page = dashboard(films).open("catalog", "Catalog")
    page.get_by_role("heading", name="20,000 items").wait_for(timeout=SECONDS)
    page.get_by_label("Import").set_input_files(table)
    expect(page.get_by_role("status").filter(has_text="film_id")).to_be_visible(timeout=SECONDS)
    with films.client() as client:
        assert client.get(f"/content/film/{MANY + 1}").status == 404
        page.get_by_role("button", name="Number its rows").click()
        expect(page.get_by_text("1 item added, 0 replaced")).to_be_visible(timeout=SECONDS)
        assert client.get(f"/content/film/{MANY + 1}").json["title"] == "A Film Without A Number"
        assert client.request("DELETE", f"/items/{MANY + 1}").status == 204
