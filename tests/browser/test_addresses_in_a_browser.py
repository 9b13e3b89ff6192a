"""What an address says: pages, models, trainings and tasks that are there or not, and the state of a page."""

import re

import pytest
from playwright.sync_api import expect

from guests import UNKNOWN_TASK

SECONDS = 60_000


@pytest.mark.parametrize(("path", "told"), [
    ("nosuchpage", "There is no page “nosuchpage”."),
    ("models/999", "There is no model 999."),
    (f"training/{UNKNOWN_TASK}", f"There is no training {UNKNOWN_TASK}."),
    ("training/%E0%A4%A", "There is no training %E0%A4%A."),
    (f"inspect/{UNKNOWN_TASK}", f"Task not found: {UNKNOWN_TASK}"),
])
def test_what_is_not_there_is_said_to_be_missing(dashboard, turned_server, path, told):
    window = dashboard(turned_server)
    page = window.open(path)
    expect(page.get_by_role("alert").first).to_contain_text(told, timeout=SECONDS)
    assert window.complaints == []


def test_a_request_is_no_training(dashboard, turned_server, picked_task):
    page = dashboard(turned_server).open(f"training/{picked_task}", "Training")
    page.get_by_role("alert").get_by_role("link", name="inspect it").click()
    page.get_by_role("heading", level=1, name="Inspect").wait_for()


def test_the_field_of_inspect_follows_its_links(dashboard, turned_server):
    page = dashboard(turned_server).open("inspect", "Inspect")
    link = page.locator(".links a.id").first
    task = link.inner_text()
    link.click()
    expect(page.get_by_label("Task id")).to_have_value(task, timeout=SECONDS)
    page.go_back()
    expect(page.get_by_label("Task id")).to_have_value("")


def test_searches_and_filters_stand_in_the_address(dashboard, turned_server):
    window = dashboard(turned_server)
    page = window.open("catalog", "Catalog")
    page.get_by_label("Search").fill("price<100")
    page.get_by_label("Order").select_option("price")
    page.get_by_role("button", name="Rising").click()
    expect(page).to_have_url(re.compile(r"q=price%3C100&sort=price&order=desc"))
    page.reload()
    expect(page.get_by_label("Search")).to_have_value("price<100", timeout=SECONDS)
    expect(page.get_by_label("Order")).to_have_value("price")

    page = window.open("tasks", "Tasks")
    page.get_by_label("kind").select_option("training")
    expect(page).to_have_url(re.compile("kind=training"))
    page.reload()
    expect(page.get_by_label("kind")).to_have_value("training", timeout=SECONDS)

    page = window.open("models/2?beside=1", "Models")
    expect(page.locator("label.beside", has_text="beside").locator("select")).to_have_value("1", timeout=SECONDS)
