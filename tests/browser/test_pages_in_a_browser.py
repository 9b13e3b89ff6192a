"""Every page answers its question on a server whose loop has turned, without a complaint of the browser or of axe."""

import pytest

from conftest import NARROW, violations

PAGES = {
    "": ("Loop", "Champion"),
    "try": ("Try it", "Rank the catalog"),
    "performance": ("Performance", "By position"),
    "models": ("Models", "Timeline"),
    "experiments": ("Experiments", "No experiment yet"),
    "training": ("Training", "Lineage"),
    "tasks": ("Tasks", "Ledger"),
    "inspect": ("Inspect", "Recent requests"),
    "persons": ("Persons", "Whom do you look for?"),
    "catalog": ("Catalog", "210 items"),
    "domain": ("Domain", "Change the domain"),
    "drift": ("Drift", "then"),
    "system": ("System", "Figures of note"),
}

def name_of(path):
    return path.split("/")[0] or "loop"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_page_is_whole_and_accessible(dashboard, turned_server, axe, path, scheme):
    title, content = PAGES[path]
    window = dashboard(turned_server, color_scheme=scheme)
    page = window.open(path, title)
    page.get_by_text(content).first.wait_for(state="attached")
    window.settle()
    window.picture(f"{name_of(path)}-{scheme}")
    assert violations(page, axe) == []
    assert window.complaints == []


@pytest.mark.parametrize("path", PAGES)
def test_page_fits_a_phone(dashboard, turned_server, axe, path):
    title, content = PAGES[path]
    window = dashboard(turned_server, viewport=NARROW, has_touch=True)
    page = window.open(path, title)
    page.get_by_text(content).first.wait_for(state="attached")
    window.settle()
    window.picture(f"{name_of(path)}-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert violations(page, axe) == []
    assert window.complaints == []


def test_pages_are_reached_by_keyboard(dashboard, turned_server):
    window = dashboard(turned_server)
    page = window.open("", "Loop")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.get_by_role("link", name="Drift", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Drift").wait_for()
    page.wait_for_function("document.activeElement.id === 'content'")  # after the page is drawn
    assert page.title() == "Drift · rankloop"


def test_menu_of_a_phone_opens_and_closes(dashboard, turned_server):
    window = dashboard(turned_server, viewport=NARROW, has_touch=True)
    page = window.open("", "Loop")
    menu = page.get_by_role("button", name="Menu")
    assert menu.get_attribute("aria-expanded") == "false"
    menu.click()
    assert menu.get_attribute("aria-expanded") == "true"
    page.get_by_role("link", name="System", exact=True).click()
    page.get_by_role("heading", level=1, name="System").wait_for()
    assert menu.get_attribute("aria-expanded") == "false"


def test_theme_is_chosen_and_kept(dashboard, turned_server):
    window = dashboard(turned_server, color_scheme="light")
    page = window.open("system", "System")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_label("Theme").select_option("dark")
    assert page.evaluate(ground) != light
    dark = page.evaluate(ground)
    page.reload()
    page.get_by_role("heading", level=1, name="System").wait_for()
    assert page.evaluate(ground) == dark


def test_first_load_is_small_and_from_here_only(dashboard, turned_server):
    window = dashboard(turned_server)
    answers = []
    window.page.on("response", lambda answer: answers.append(answer))
    page = window.open("", "Loop")
    window.settle()
    assert all(answer.url.startswith((turned_server.url, "data:")) for answer in answers)
    files = [answer for answer in answers if answer.url.endswith((".js", ".css", "/"))]
    assert len(files) == 3
    assert sum(answer.request.sizes()["responseBodySize"] for answer in files) < 300_000
    assert "immutable" in next(answer for answer in files if answer.url.endswith(".js")).headers["cache-control"]
    assert page.get_by_role("navigation", name="Pages").is_visible()
