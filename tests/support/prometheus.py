"""Debian's Prometheus with the scrape and the rules of deploy/, and what the dashboard of deploy/ asks it."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request

from process import LOOPBACK, Program, free_port, program
from rankloop_process import ROOT

DEPLOYED = ROOT / "deploy/prometheus"
DASHBOARD = ROOT / "deploy/grafana/rankloop.json"
# Grafana's own names, as it fills them in for an hour on a wide screen.
GRAFANA = {"$__rate_interval": "20s", "$__interval": "5s", "$__range": "1h"}


def replaced(pattern, by, text):
    """`text` with every match replaced; there has to be one."""
    changed, count = re.subn(pattern, lambda _: by, text)
    assert count > 0, f"nothing matches {pattern}"
    return changed


class Prometheus(Program):
    """Scrapes `targets` ("host:port") as deploy/prometheus says. `quick`: looks each second, and an alert fires two
    seconds after it was noticed."""

    name = "prometheus"

    def __init__(self, folder, targets, quick=True):
        super().__init__(folder)
        self.targets = targets
        self.quick = quick
        self.port = free_port()

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        config = (DEPLOYED / "prometheus.yml").read_text(encoding="utf-8")
        rules = (DEPLOYED / "alerts.yml").read_text(encoding="utf-8")
        config = replaced(r"targets: \[.*\]", f"targets: {json.dumps(self.targets)}", config)
        if self.quick:
            config = replaced(r"_interval: \w+", "_interval: 1s", config)
            rules = replaced(r"for: \w+", "for: 2s", rules)
        (self.folder / "prometheus.yml").write_text(config, encoding="utf-8")
        (self.folder / "alerts.yml").write_text(rules, encoding="utf-8")
        return super().start()

    def command(self):
        return [program("prometheus"), "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                f"--web.listen-address={LOOPBACK}:{self.port}", "--log.level=warn"]

    def ready(self):
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{self.port}/-/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def ask(self, path, **parameters):
        """The data of an answer of its API; what it complains about is an error."""
        url = f"http://{LOOPBACK}:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                told = json.load(answer)
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{path} {parameters}: {refused.read().decode()}") from None
        assert told["status"] == "success" and not told.get("warnings"), told
        return told["data"]

    def query(self, expression):
        """[(labels, value)] now."""
        result = self.ask("query", query=expression)["result"]
        return [(each["metric"], float(each["value"][1])) for each in result]

    def scraped(self):
        """The addresses that answered its last scrape."""
        targets = self.ask("targets")["activeTargets"]
        return {each["labels"]["instance"] for each in targets if each["health"] == "up"}

    def rules(self):
        return [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]

    def alerts(self, state="firing"):
        """The alerts in that state: name -> their labels and texts."""
        return {each["labels"]["alertname"]: each for each in self.ask("alerts")["alerts"] if each["state"] == state}


def expressions():
    """[(title, expression)] of the dashboard: its panels, those in folded rows too, and its annotations."""
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    found = [(each["name"], each["expr"]) for each in dashboard["annotations"]["list"]]
    panels = list(dashboard["panels"])
    for panel in panels:
        panels += panel.get("panels", [])
        found += [(panel["title"], target["expr"]) for target in panel.get("targets", [])]
    return [(title, filled_in(expression)) for title, expression in found]


def filled_in(expression):
    for name, value in GRAFANA.items():
        expression = expression.replace(name, value)
    assert "$" not in expression, f"a variable that nobody fills in: {expression}"
    return expression


def names_in(expression):
    """{metric: labels} that an expression speaks of; labels after by (...) count for each of its metrics."""
    grouped = {label.strip() for labels in re.findall(r"\b(?:by|on|ignoring)\s*\(([^)]*)\)", expression)
               for label in labels.split(",")}
    found = {}
    for metric, matchers in re.findall(r"\b(rankloop_\w+|process_\w+|up)\b(\{[^}]*\})?", expression):
        found.setdefault(metric, set(grouped)).update(re.findall(r"(\w+)\s*[=!]", matchers))
    return found
