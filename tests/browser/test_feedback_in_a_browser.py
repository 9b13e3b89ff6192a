"""The page of performance, where a domain has more kinds of feedback than picks."""

import random

import pytest

from feedback_shop import DOMAIN, THINGS
from guests import results
from rankloop_process import Server


@pytest.fixture
def shop(tmp_path):
    domain = tmp_path / "shop.toml"
    domain.write_text(DOMAIN)
    chance = random.Random(5)
    with Server("--domain", domain, "--empty") as server, server.client() as client:
        assert client.request("POST", "/items:import", body=THINGS, headers={"Content-Type": "text/csv"}).status == 200
        for _ in range(40):
            task = client.post("/inference/start?wait=30s", {"budget": 5}).json["task_id"]
            shown = [row["sku"] for row in results(client, task)]
            events = [{"task_id": task, "sku": chance.choice(shown[:4]), "kind": "cart"}]
            if chance.random() < 0.4:
                events.append({"task_id": task, "sku": shown[chance.randint(0, 2)], "kind": "buy", "value": chance.randint(5, 90)})
            assert client.post("/feedback", events).json["refused"] == 0
        yield server


def test_performance_shows_every_kind(dashboard, shop):
    for scheme in ("light", "dark"):
        window = dashboard(shop, color_scheme=scheme)
        page = window.open("performance", "Performance")
        page.get_by_role("heading", name="By kind of feedback").wait_for()
        rows = page.locator("table.kinds tbody tr")
        assert [row.locator("th").inner_text() for row in rows.all()] == ["buy", "cart"]
        assert "100" in rows.nth(1).inner_text() and "random order" in rows.nth(1).inner_text()
        window.settle()
        window.picture(f"feedback-{scheme}")
        assert window.complaints == []
