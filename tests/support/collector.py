"""A collector of spans: OTLP over HTTP in JSON, on a port that the kernel chooses."""

import http.server
import json
import threading

from rankloop_process import wait_until


class Span:
    """One span with its attributes as a dictionary."""

    def __init__(self, span, resource):
        self.trace_id = span["traceId"]
        self.span_id = span["spanId"]
        self.parent_id = span.get("parentSpanId")
        self.name = span["name"]
        self.kind = span["kind"]
        self.begin, self.end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
        self.failed = span.get("status", {}).get("code") == 2
        self.attributes = attributes_of(span)
        self.resource = resource

    def __repr__(self):
        return f"<Span {self.name} {self.span_id} of {self.parent_id} {self.attributes}>"


def attributes_of(thing):
    def value(typed):
        return int(typed["intValue"]) if "intValue" in typed else typed["stringValue"]
    return {attribute["key"]: value(attribute["value"]) for attribute in thing["attributes"]}


class Collector:
    """Answers each request with the next of `statuses`, then with 200; keeps what it has taken."""

    def __init__(self, statuses=()):
        collector = self
        self.statuses = list(statuses)
        self.taken = []    # spans
        self.requests = []  # path, headers, body's text
        self.lock = threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = collector.receive(self.path, self.headers, body)
                self.send_response(answer)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def receive(self, path, headers, body):
        with self.lock:
            self.requests.append((path, dict(headers), body.decode()))
            status = self.statuses.pop(0) if self.statuses else 200
            if status == 200:
                for group in json.loads(body)["resourceSpans"]:
                    resource = attributes_of(group["resource"])
                    for scope in group["scopeSpans"]:
                        self.taken += [Span(span, resource) for span in scope["spans"]]
            return status

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/v1/traces"

    def spans(self, trace_id=None):
        with self.lock:
            return [span for span in self.taken if trace_id in (None, span.trace_id)]

    def trace(self, trace_id, *names):
        """The spans of a trace by name, once all of these names are there."""
        def found():
            by_name = {span.name: span for span in self.spans(trace_id)}
            return by_name if set(names) <= set(by_name) else None
        return wait_until(found, what=f"spans named {names}, not only {self.spans(trace_id)}")

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
