"""What the next judgement needs, and how positions are looked at: drawn from what the server tells of them."""

import json

from playwright.sync_api import expect

SECONDS = 60_000
NEEDS = {"outcomes": 512, "outcomes_at_least": False, "training": 250, "gate": 1100}
EXAMINATION = {"kind": "pick", "evidence": "random_orders", "requests": 812, "picks": 655, "positions": [{"position": 1, "examination": 1.0, "ci": [1.0, 1.0]},
                                                            {"position": 2, "examination": 0.51, "ci": [0.43, 0.6]}]}

POSITION_MODEL = {"picks": 655, "last_positions": [1, 3, 10], "score_bins": 4, "chi_squared": 21.7, "degrees": 6,
                  "p_value": 0.0014, "worst_on_top": 37, "worst_on_top_expected": 21.4}


def with_more(page, path, more):
    """The answers of a path gain members."""
    def answer(route):
        told = route.fetch()
        route.fulfill(status=told.status, content_type="application/json", body=json.dumps({**told.json(), **more}))

    page.route(f"**{path}", answer)


def test_what_the_gate_needs_is_told_before_a_training(dashboard, turned_server):
    window = dashboard(turned_server)
    with_more(window.page, "/monitoring/loop", {"needs": NEEDS})
    page = window.open("training", "Training")
    bar = page.locator(".need")
    expect(bar).to_contain_text("512 of about 1,100 requests with an outcome until the gate can judge", timeout=SECONDS)
    expect(bar).to_contain_text("a training may begin at 250")
    window.picture("training-needs")
    assert window.complaints == []


def test_examination_is_told_with_its_band(dashboard, turned_server):
    window = dashboard(turned_server)
    with_more(window.page, "/monitoring/performance", {"examination": EXAMINATION})
    page = window.open("performance", "Performance")
    rows = page.get_by_role("region", name="Table of examination by position").locator("tbody tr")
    expect(rows).to_have_count(2, timeout=SECONDS)
    expect(rows.nth(1)).to_contain_text("51.0 %")
    expect(rows.nth(1)).to_contain_text("43.0 % to 60.0 %")
    window.picture("performance-examination")
    assert window.complaints == []


def test_examination_says_that_it_rests_on_swaps(dashboard, turned_server):
    window = dashboard(turned_server)
    with_more(window.page, "/monitoring/performance", {"examination": {**EXAMINATION, "evidence": "swaps"}})
    page = window.open("performance", "Performance")
    expect(page.get_by_text("from swaps between models: 655 picks of items")).to_be_visible(timeout=SECONDS)
    expect(page.get_by_role("columnheader", name="Draws")).to_be_visible()
    assert window.complaints == []


def test_whether_position_and_quality_multiply_is_told(dashboard, turned_server):
    window = dashboard(turned_server)
    with_more(window.page, "/monitoring/performance", {"position_model": POSITION_MODEL})
    page = window.open("performance", "Performance")
    expect(page.get_by_text("does not fit")).to_be_visible(timeout=SECONDS)
    expect(page.get_by_text("21.4 expected")).to_be_visible()
    window.picture("performance-position-model")
    with_more(page, "/monitoring/performance", {"position_model": None})
    page.reload()
    expect(page.get_by_role("region", name="Table of pick rates by position")).to_be_visible(timeout=SECONDS)
    expect(page.get_by_text("Position and quality")).to_have_count(0)
    assert window.complaints == []


def test_examination_without_random_orders_is_not_guessed(dashboard, turned_server):
    window = dashboard(turned_server)
    with_more(window.page, "/monitoring/performance", {"examination": None})
    page = window.open("performance", "Performance")
    expect(page.get_by_text("No list was shown in a random order")).to_be_visible(timeout=SECONDS)
