"""The viewers of the API description: readable for everybody, and what they offer to send is taken."""

import json

from conftest import PATIENCE, violations

START = "#operations-inference-start_inference"


def open_docs(window):
    window.page.goto(f"{window.server.url}/docs")
    window.page.locator(START).wait_for()
    return window.page


def test_docs_can_be_read_by_everybody(dashboard, turned_server, axe):
    window = dashboard(turned_server)
    page = open_docs(window)
    assert violations(page, axe) == []
    page.locator(f"{START} .opblock-summary-control").click()
    page.locator(f"{START} .response .highlight-code").first.wait_for()
    window.picture("docs")
    assert violations(page, axe) == []
    assert window.complaints == []


def test_docs_send_a_request_that_is_ranked(dashboard, turned_server, axe):
    window = dashboard(turned_server)
    page = open_docs(window)
    page.locator(f"{START} .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    body = json.loads(page.locator(f"{START} textarea").input_value())
    assert body["people_num"] == len(body["people_age"]) and "candidates" not in body
    with page.expect_response(lambda answer: "/inference/start" in answer.url) as answered:
        page.get_by_role("button", name="Execute").click()
    assert answered.value.status == 200, answered.value.text()
    page.locator(f"{START} .live-responses-table .response").wait_for()
    window.picture("docs-tried")
    assert violations(page, axe) == []


def test_redoc_can_be_read_by_everybody(dashboard, turned_server, axe):
    window = dashboard(turned_server)
    page = window.page
    page.goto(f"{turned_server.url}/redoc")
    page.get_by_role("heading", name="Rank the catalog for a request").wait_for(timeout=PATIENCE)
    window.picture("redoc", whole=False)  # all routes below each other are drawn for minutes
    assert violations(page, axe) == []
    assert window.complaints == []
