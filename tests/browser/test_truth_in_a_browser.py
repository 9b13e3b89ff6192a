"""The page says what is so: counts of the ledger, what waits for somebody, figures in one way, values from before."""

import re

from playwright.sync_api import expect

from conftest import train
from guests import GUEST
from rankloop_process import ROOT, Server, run

SECONDS = 60_000
TOKEN = "a-secret-of-16-letters"


def traffic(server, journeys):
    sent = run("simulate", "traffic", "--url", server.url, "--no-wait", "--guests", "4", "--journeys", journeys, "--quiet")
    assert sent.returncode == 0, sent.stderr


def station(page, name):
    return page.locator(".cycle svg .node", has=page.get_by_text(name, exact=True)).locator(".node-figure")


def test_lists_in_a_random_order_are_counted(dashboard):
    with Server(env={"RANKLOOP_BASELINE": "false"}) as server, server.client() as client:
        traffic(server, 30)
        lists = client.get("/monitoring/loop").json["lists"]
        assert lists["shown"] == 30 and lists["picked"] > 0
        page = dashboard(server).open("", "Loop")
        expect(station(page, "Shown")).to_have_text("30", timeout=SECONDS)
        expect(station(page, "Picked")).to_have_text(str(lists["picked"]))


def test_a_model_that_passed_waits_for_somebody(dashboard):
    with Server(env={"RANKLOOP_BASELINE": "false"}) as server, server.client() as client:
        traffic(server, 1500)
        task = client.post("/train/start", {"family": "logistic", "promote": "manual"}).json["task_id"]
        window = dashboard(server)
        page = window.open(f"training/{task}", "Training")
        page.locator("section", has=page.get_by_role("heading", name="Progress")).get_by_text("succeeded").wait_for(timeout=3 * SECONDS)
        assert client.get("/models/1").json["verdict"] == "promote"
        page = window.open("", "Loop")
        expect(page.get_by_role("region", name="The next promotion")).to_contain_text("Model 1 (logistic) passed the gate and waits", timeout=SECONDS)
        page.get_by_role("link", name="Look and decide").click()
        page.get_by_role("button", name="Promote", exact=True).wait_for()


def test_a_share_that_a_promotion_ends_is_told(dashboard, own_turned_server):
    with own_turned_server.client() as client:
        train(client)
        ids = [model["model_id"] for model in client.get("/models").json if not model["champion"]]
        assert client.post(f"/models/{ids[0]}/share", {"share": 0.25}).status == 200
        assert client.post(f"/models/{ids[1]}/promote", {"reason": "it reads better"}).status == 200
        page = dashboard(own_turned_server).open("models", "Models")
        expect(page.locator(".timeline")).to_contain_text(f"Its share of the people ended. Model {ids[1]} was promoted", timeout=SECONDS)


def test_a_fresh_demo_is_not_alarmed_by_its_own_models(dashboard, demo_server):
    page = dashboard(demo_server).open("drift", "Drift")
    expect(page.get_by_role("heading", name="What was shown")).to_be_visible(timeout=SECONDS)
    expect(page.locator(".feature .badge")).to_have_count(30)
    expect(page.locator(".feature .badge.bad")).to_have_count(0)
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Who asks")


def test_numbers_are_written_one_way_in_any_browser(dashboard, turned_server):
    window = dashboard(turned_server, locale="de-DE")
    for path in ("", "performance", "models", "training", "drift", "system", "tasks"):
        page = window.open(path)
        page.get_by_role("heading", level=2).first.wait_for()
        window.settle()
        text = page.locator("main").inner_text()
        assert not re.search(r"\d,\d{1,2}(?!\d)", text), (path, re.search(r".{20}\d,\d{1,2}(?!\d).{20}", text))
        assert not re.search(r"0\.0000\d", text), path
        assert not re.search(r"(?<!\d)-\d", re.sub(r"\S*[-:/]\S*[a-z/]\S*", "", text)), path


def test_values_of_a_server_that_is_away_are_grey_and_aged(dashboard, turned_data):
    with Server("--demo", copy_of=turned_data) as server:
        with server.client() as client:
            assert client.post("/simulate/start", {"rate": 20}).status == 200
        window = dashboard(server)
        loop = window.open("", "Loop")
        expect(loop.locator(".way.flows").first).to_be_attached(timeout=SECONDS)
        system = dashboard(server).open("system", "System")
        store = system.locator(".pairs div", has=system.get_by_text(re.compile("^Store "))).locator(".badge")
        expect(store).to_have_class(re.compile("good"), timeout=SECONDS)
        address = f"127.0.0.1:{server.port}"
        server.stop()
        for page in (loop, system):
            expect(page.locator(".page.away")).to_be_visible(timeout=SECONDS)
            expect(page.locator(".connection")).to_contain_text(re.compile(r"What you see is \d+ s old"))
        expect(loop.locator(".way.flows")).to_have_count(0)
        expect(store).not_to_have_class(re.compile("good"))
        window.picture("loop-away")
        server.start("--listen", address)
        for page in (loop, system):
            expect(page.locator(".page.away")).to_have_count(0, timeout=SECONDS)
            expect(page.get_by_text("does not answer")).to_have_count(0, timeout=SECONDS)
        expect(store).to_have_class(re.compile("good"), timeout=SECONDS)


def test_links_work_with_a_token_and_a_wrong_one_is_told(dashboard, turned_data):
    with Server(copy_of=turned_data, env={"RANKLOOP_AUTH_TOKEN": TOKEN}) as server:
        window = dashboard(server)
        page = window.open("models/1", "Models")
        field = page.get_by_label("This server asks for a token")
        field.fill("not the token of this server")
        page.get_by_role("button", name="Use it").click()
        expect(page.get_by_role("alert").filter(has_text="does not know this token")).to_be_visible(timeout=SECONDS)
        field.fill(TOKEN)
        page.get_by_role("button", name="Use it").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download the model").click()
        assert download.value.suggested_filename == "model-1.rankloop"
        with server.client(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            assert open(download.value.path(), "rb").read() == client.get("/models/1/artefact").body
        page = window.open("system", "System")
        page.get_by_role("link", name="Metrics").click()
        expect(page.locator("body")).to_contain_text("rankloop_http_requests_total", timeout=SECONDS)


def test_hints_and_first_values_fit_the_domain(dashboard, tmp_path):
    rows = ["id_case,id_alt,traveler,origin,destination,nb_cnxs,elapsed_time,fare_hy,fare_ly,equipment,carrier,timeperiod",
            "1,1,2,10,20,0,305,0,214,1,3,2", "1,2,2,10,20,1,420,0,159,1,1,4"]
    table = tmp_path / "flights.csv"
    table.write_text("\n".join(rows) + "\n")
    with Server("--domain", ROOT / "domain/flights.toml") as server, server.client() as client:
        window = dashboard(server)
        page = window.open("", "Loop")
        expect(page.get_by_text("There is nothing to rank yet").first).to_be_visible(timeout=SECONDS)
        assert "simulate traffic" not in page.locator("main").inner_text()
        sent = client.post("/items:import?number_rows=true", body=table.read_bytes(), headers={"Content-Type": "text/csv"})
        assert sent.status == 200, sent
        page = window.open("try", "Try it")
        page.reload()
        expect(page.get_by_label("origin")).to_have_value("10", timeout=SECONDS)
        page.get_by_role("button", name="Rank the catalog").click()
        expect(page.get_by_role("button", name=re.compile("^Pick "))).to_have_count(2, timeout=SECONDS)
        assert window.complaints == []


def test_charts_tell_values_zoom_and_have_a_table(dashboard, own_turned_server):
    window = dashboard(own_turned_server)
    page = window.open("performance", "Performance")
    chart = page.locator(".chart", has=page.get_by_role("img", name="Pick rate of the models over time"))
    box = chart.locator(".u-over").bounding_box(timeout=SECONDS)
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    expect(chart.locator(".hovered")).to_contain_text("%", timeout=SECONDS)
    whole = chart.get_by_role("button", name="Whole range")
    # A click, and a hand that trembles, zoom into nothing.
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 6, middle)
    page.mouse.up()
    expect(whole).to_be_disabled()
    page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, middle, steps=4)
    page.mouse.up()
    expect(whole).to_be_enabled()
    whole.click()
    expect(whole).to_be_disabled()
    chart.get_by_role("button", name="Closer").click()
    expect(whole).to_be_enabled()
    chart.get_by_text("As a table").click()
    expect(chart.get_by_role("region", name="Table: Pick rate of the models over time").locator("tbody tr").first).to_contain_text("%")
    window.picture("performance-table")
    assert window.complaints == []
