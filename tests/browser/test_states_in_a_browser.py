"""Before the first request, without the server, with a token, and with an id that nobody knows."""

import pytest
from playwright.sync_api import expect

from guests import UNKNOWN_TASK
from rankloop_process import Server

EMPTY = {
    "": "Nothing was picked yet",
    "performance": "Nothing was shown yet",
    "training": "No training yet",
    "tasks": "No task yet",
    "inspect": "Nobody has asked yet",
    "drift": "Nothing to compare yet",
    "try": "Nothing was asked yet",
}


@pytest.mark.parametrize("path", EMPTY)
def test_empty_page_says_the_next_step(dashboard, server, path):
    window = dashboard(server)
    page = window.open(path)
    page.get_by_text(EMPTY[path]).first.wait_for()
    window.picture(f"empty-{path or 'loop'}")
    assert window.complaints == []


def test_empty_catalog_says_the_next_step(dashboard):
    with Server("--empty") as server:
        page = dashboard(server).open("catalog", "Catalog")
        page.get_by_text("The catalog is empty").wait_for()


def test_training_on_nothing_says_what_is_missing(dashboard, server):
    page = dashboard(server).open("training", "Training")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Too little to learn from")


def test_unknown_task_is_told(dashboard, server):
    page = dashboard(server).open(f"inspect/{UNKNOWN_TASK}", "Inspect")
    expect(page.get_by_role("alert")).to_contain_text("Task not found")


def test_server_stops_and_comes_back(dashboard, own_server):
    window = dashboard(own_server)
    page = window.open("", "Loop")
    page.get_by_role("region", name="The loop now").wait_for()
    address = f"127.0.0.1:{own_server.port}"
    own_server.stop()
    page.get_by_text("The server does not answer.").wait_for()
    page.get_by_role("region", name="The loop as it was").wait_for()
    window.picture("server-stopped")
    own_server.start("--listen", address)
    # The page also asks again by itself, and then there is nothing left to click.
    page.evaluate("() => [...document.querySelectorAll('button')].find(b => b.textContent === 'Try now')?.click()")
    expect(page.get_by_text("The server does not answer.")).to_be_hidden(timeout=30_000)
    assert not [text for text in window.complaints if "net::" not in text]


def test_token_is_asked_for_and_kept(dashboard, seeded_data):
    with Server(copy_of=seeded_data, env={"RANKLOOP_AUTH_TOKEN": "a-secret-of-16-letters"}) as server:
        page = dashboard(server).open("models", "Models")
        page.get_by_label("This server asks for a token").fill("a-secret-of-16-letters")
        page.get_by_role("button", name="Use it").click()
        page.get_by_role("heading", name="Who answers").wait_for()
        expect(page.get_by_label("This server asks for a token")).to_be_hidden()
