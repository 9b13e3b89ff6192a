"""The figure of being watched: journeys beside Prometheus and the dashboard, against journeys that nobody watches."""

import contextlib
import heapq
import os
import shutil
import socket
import statistics
import threading
import time

from programs import Failure, Unavailable, guests, program
from workshop import Series

from prometheus import Prometheus

CHROMIUM = "/usr/bin/chromium"
PAGE = "/#/"  # the loop, which the dashboard opens with


def watching(workshop):
    """Journeys while Prometheus scrapes and the dashboard is open, over those without: in turn, on one server."""
    needed()
    seen = {"alone": [], "asked": [], "shown": []}
    for _ in range(workshop.load.rounds):
        for name, summaries in one_round(workshop).items():
            seen[name] += summaries
    alone, asked, shown = (seen[name] for name in ("alone", "asked", "shown"))
    rate = [each["journeys_per_second"] for each in alone]
    return [
        Series("watched", "journeys beside Prometheus and the requests of the dashboard, over those of before or after",
               "x", ratios(asked, alone, "journeys_per_second"), 0.97, True, "", [*alone, *asked]),
        Series("server CPU, watched", "a journey, over that of nobody watching", "x",
               ratios(asked, alone, "server_cpu_us")),
        Series("watched in Chromium", "the same with a real browser, which takes its share of these cores", "x",
               ratios(shown, alone, "journeys_per_second"), details=shown),
        Series("server CPU, Chromium", "a journey, over that of nobody watching", "x",
               ratios(shown, alone, "server_cpu_us")),
        Series("journeys, unwatched", "a second", "/s", rate),
    ]


def needed():
    """What has to be there, before anything is measured."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        raise Unavailable("Playwright is missing") from None
    if not os.path.exists(CHROMIUM):
        raise Unavailable(f"{CHROMIUM} is missing; script/bootstrap bench installs it")
    try:
        program("prometheus")
    except FileNotFoundError:
        raise Unavailable("Prometheus is missing; script/bootstrap bench installs it") from None


def ratios(watched, alone, what):
    """Pair by pair: a round has two of each, in opposite order."""
    return [one[what] / other[what] for one, other in zip(watched, alone)]


def one_round(workshop):
    """Alone, asked, shown, shown, asked, alone, so that whatever changes steadily weighs on each alike."""
    folder = workshop.new_folder()
    with workshop.server() as server, contextlib.ExitStack() as stack:
        prometheus = stack.enter_context(Prometheus(folder, [f"{server.host}:{server.port}"], quick=False))
        prometheus.pause()
        stack.callback(prometheus.resume)  # so that it can end
        guests(server, workshop.load.warm_up, "--guests", 64)
        with browser_on(server) as page:
            asked = recorded(page, workshop.load.recorded_seconds)

        def measured(watchers):
            with watchers:
                return guests(server, workshop.load.watched_journeys, "--guests", 64)

        alone = [measured(contextlib.nullcontext())]
        prometheus.resume()
        with_requests = [measured(Viewer(server, asked))]
        with browser_on(server):
            in_browser = [measured(contextlib.nullcontext()) for _ in range(2)]
        with_requests.append(measured(Viewer(server, asked)))
        prometheus.pause()
        alone.append(measured(contextlib.nullcontext()))
    shutil.rmtree(folder)
    return {"alone": alone, "asked": with_requests, "shown": in_browser}


@contextlib.contextmanager
def browser_on(server):
    """The dashboard in Chromium, once it shows the loop."""
    from playwright.sync_api import sync_playwright
    options = ["--disable-gpu"] + (["--no-sandbox"] if os.geteuid() == 0 else [])  # root may not have the sandbox
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 860})
            page.goto(server.url + PAGE)
            page.get_by_role("region", name="The loop now").wait_for(timeout=60_000)
            yield page
        finally:
            browser.close()


class Asked:
    """What the page keeps asking for."""

    def __init__(self, times, streams):
        self.streams = streams  # path -> headers, asked once and never ended
        self.polls = [(path, headers, statistics.mean(after - before for before, after in zip(moments, moments[1:])))
                      for path, (headers, moments) in times.items() if len(moments) > 1]  # and seconds between two


def recorded(page, seconds):
    times, streams = {}, {}

    def note(request):
        path = "/" + request.url.split("/", 3)[3]
        if request.headers.get("accept") == "text/event-stream":
            streams[path] = request.headers
        else:
            times.setdefault(path, (request.headers, []))[1].append(time.monotonic())

    page.on("request", note)
    page.reload()  # its streams began before anybody listened
    page.wait_for_timeout(seconds * 1000)
    asked = Asked(times, streams)
    if not asked.polls:
        raise Failure(f"the dashboard asks for {sorted(times)}, and nothing of it again and again")
    return asked


class Viewer:
    """As a context manager, once: asks what the dashboard asks, as often, and shows nothing."""

    def __init__(self, server, asked):
        self.server = server
        self.asked = asked
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.ask_on)]
        self.open = []
        self.fault = None

    def follow(self, stream):
        while not self.ended.is_set() and stream.line():
            pass
        if not self.ended.is_set():
            self.fault = "a stream has ended"

    def open_streams(self):
        for path, headers in self.asked.streams.items():
            stream = self.server.raw(seconds=600)
            told = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if name != "host")
            stream.send(f"GET {path} HTTP/1.1\r\nHost: {self.server.host}:{self.server.port}\r\n{told}\r\n")
            if b" 200 " not in stream.line():
                raise Failure(f"{path} did not answer with a stream")
            self.open.append(stream)
            self.threads.append(threading.Thread(target=self.follow, args=(stream,)))

    def ask_on(self):
        due = [(time.monotonic(), number) for number in range(len(self.asked.polls))]
        heapq.heapify(due)
        with self.server.client() as client:
            while True:
                moment, number = due[0]
                if self.ended.wait(max(0.0, moment - time.monotonic())):
                    return
                path, headers, period = self.asked.polls[number]
                answer = client.get(path, headers=headers)
                if answer.status != 200:
                    self.fault = f"{path} answered {answer}"
                    return
                heapq.heapreplace(due, (moment + period, number))

    def __enter__(self):
        self.open_streams()
        for thread in self.threads:
            thread.start()

    def __exit__(self, kind, *_):
        self.ended.set()
        for stream in self.open:
            stream.socket.shutdown(socket.SHUT_RDWR)  # wakes who reads it
        for thread in self.threads:
            thread.join()
        for stream in self.open:
            stream.close()
        if kind is None and self.fault:
            raise Failure(self.fault)
