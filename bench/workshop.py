"""What the figures share: a measured series, how much is measured, and stores to measure on."""

import contextlib
import dataclasses
import pathlib
import shutil
import statistics
import time

from programs import Server


@dataclasses.dataclass
class Series:
    """One figure: its values, a round each, and what they should be. Without a target it only informs."""

    name: str
    what: str
    unit: str
    values: list
    target: float | None = None
    at_least: bool = True
    note: str = ""
    details: list = dataclasses.field(default_factory=list)
    digits: int = 3  # of the printed values

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def reached(self):
        if self.target is None:
            return None
        return self.median >= self.target if self.at_least else self.median <= self.target

    def to_json(self):
        return {**dataclasses.asdict(self), "median": self.median, "reached": self.reached}


@dataclasses.dataclass
class Load:
    """How much is measured."""

    rounds: int = 5
    journeys: int = 20_000
    stored_journeys: int = 10_000
    lone_journeys: int = 500
    warm_up: int = 1_000
    wrk_seconds: int = 5
    watched_journeys: int = 20_000
    recorded_seconds: float = 16
    scoring_seconds: float = 0.5
    large_catalog: bool = True
    store_journeys: int = 20_000
    sync_seconds: float = 2.0
    loop_blocks: int = 4
    loop_journeys: int = 4_000
    evidence_journeys: int = 6_000
    evidence_lists: int = 1_000
    evidence_runs: int = 1_000
    interleaved_requests: int = 200_000
    tree_rows: int = 1_000_000
    imported_rows: int = 1_000_000
    cluster_journeys: int = 10_000
    cluster_starts: int = 1_000
    snapshot_seconds: float = 180
    public_trials: int = 20


SMOKE = Load(rounds=1, journeys=200, stored_journeys=200, lone_journeys=50, warm_up=20, wrk_seconds=1, watched_journeys=1_000, recorded_seconds=6.5,
             scoring_seconds=0.05, large_catalog=False, store_journeys=500, sync_seconds=0.3,
             loop_blocks=2, loop_journeys=1_000, evidence_journeys=1_500, evidence_lists=50, evidence_runs=20,
             interleaved_requests=2_000, tree_rows=20_000, imported_rows=20_000, cluster_journeys=300, cluster_starts=30,
             snapshot_seconds=3, public_trials=2)


class Workshop:
    """A private folder, and in it a store as the first start leaves it, copied for each measurement: a new store
    that nobody had to train."""

    def __init__(self, folder, load):
        self.folder = pathlib.Path(folder)
        self.load = load
        self.first_starts = []
        self._pattern = None
        self._count = 0

    def new_folder(self):
        self._count += 1
        return self.folder / f"data-{self._count}"

    @contextlib.contextmanager
    def first_start(self):
        """A server on an empty folder; how long it took is in first_starts."""
        folder = self.new_folder()
        folder.mkdir()
        began = time.monotonic()
        with Server(data_dir=folder) as server:
            self.first_starts.append(time.monotonic() - began)
            yield server
        if self._pattern is None:
            self._pattern = folder
        else:
            shutil.rmtree(folder)

    def new_store(self):
        if self._pattern is None:
            with self.first_start():
                pass
        folder = self.new_folder()
        folder.mkdir()
        for file in self._pattern.iterdir():
            if file.suffix == ".db":
                shutil.copy2(file, folder)
        return folder

    @contextlib.contextmanager
    def server(self):
        """A server on a new store, which goes with it."""
        folder = self.new_store()
        try:
            with Server(data_dir=folder) as server:
                yield server
        finally:
            shutil.rmtree(folder)
