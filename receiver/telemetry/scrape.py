"""What /metrics shows, read from the database: the sums of what was counted, and how things stand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from .. import inbox, operations
from ..errors import StoreError
from ..store import Database, FromNow
from . import metrics
from .counts import BELIEVED_US
from .metrics import Metric
from .slugs import failure_label

ROWS = 20_000  # of sums; a receiver with ten handlers has some hundreds
READ_S = 1.0
BUSINESSES = 100
Values = Mapping[tuple[str, ...], float]
Family = Any  # of prometheus_client's three kinds


class Scrape(Collector):
    """One look at the database, as prometheus_client's encoders want it."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def collect(self) -> Iterable[Family]:
        """A database that does not answer is told of by one metric: an empty page would look like a healthy one."""
        try:
            families = [*counted(self.db), *as_it_stands(self.db)]
        except StoreError:
            return [gauge(metrics.DATABASE_UP, {(): 0})]
        return [*families, gauge(metrics.DATABASE_UP, {(): 1})]


def counted(db: Database) -> list[Family]:
    sums: dict[str, dict[tuple[str, ...], int]] = {}
    for row in db.read(
        "SELECT name, labels, value FROM metrics ORDER BY name, labels LIMIT ?", (ROWS,), timeout_s=READ_S
    ):
        sums.setdefault(row["name"], {})[tuple(json.loads(row["labels"]))] = row["value"]
    return [FAMILIES[metric.kind](metric, sums.get(metric.name, {})) for metric in metrics.COUNTED]


def as_it_stands(db: Database) -> list[Family]:
    backlogs = operations.backlogs(db)
    return [
        gauge(metrics.UNFINISHED, unfinished(backlogs)),
        gauge(metrics.OLDEST, oldest(db, backlogs)),
        gauge(metrics.UNDISPATCHED, {(): operations.undispatched_deliveries(db)}),
        gauge(metrics.HELD, tally((hold.lane.handler, hold.kind) for hold in inbox.holds(db).values())),
        gauge(metrics.PAUSED, tally((pause.lane.handler,) for pause in operations.paused(db))),
        gauge(metrics.LIVES_LOST, lives_lost(db)),
        gauge(metrics.PROCESSES, {("web",): 0, ("worker",): 0} | processes(db)),
    ]


def lives_lost(db: Database) -> Values:
    """The worst of the businesses, so that their number has an end."""
    worst = sorted(operations.lives_lost(db), key=lambda each: -each.lost)[:BUSINESSES]
    none: dict[tuple[str, ...], float] = {("",): 0}
    return none | {(each.source,): each.lost for each in worst}


def unfinished(backlogs: Iterable[operations.Backlog]) -> Values:
    runs: Counter[tuple[str, ...]] = Counter()
    for each in backlogs:
        runs[each.lane.handler, each.state, failure_label(each.failure)] += each.runs
    return runs


def oldest(db: Database, backlogs: Iterable[operations.Backlog]) -> Values:
    """Of each handler with runs that are not ended."""
    ids: dict[str, int] = {}
    for each in backlogs:
        if each.state != "dead":
            ids[each.lane.handler] = min(each.oldest, ids.get(each.lane.handler, each.oldest))
    if not ids:
        return {}
    times, now_us = operations.received(db, {*ids.values()}), db.now_us()
    return {(handler,): max(0, now_us - times.get(id, now_us)) / 1e6 for handler, id in ids.items()}


def processes(db: Database) -> dict[tuple[str, ...], float]:
    sql = "SELECT kind, count(*) AS n FROM heartbeats WHERE seen_us BETWEEN ? AND ? GROUP BY kind"
    alive = db.read(sql, (FromNow(-BELIEVED_US), FromNow(BELIEVED_US)), timeout_s=READ_S)
    return {(row["kind"],): row["n"] for row in alive}


def tally(labels: Iterable[tuple[str, ...]]) -> Values:
    return Counter(labels)


def gauge(metric: Metric, values: Values) -> Family:
    family = GaugeMetricFamily(metric.name, metric.says, labels=metric.labels)
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def counter(metric: Metric, values: Values) -> Family:
    family = CounterMetricFamily(metric.name, metric.says, labels=metric.labels)
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def histogram(metric: Metric, values: Values) -> Family:
    """The counts of the buckets, each with those before it, as Prometheus wants them."""
    family = HistogramMetricFamily(metric.name, metric.says, labels=metric.labels)
    for labels in dict.fromkeys(key[:-1] for key in values):
        buckets, total = [], 0.0
        for number, bound in enumerate([*map(str, map(float, metric.buckets_s)), "+Inf"]):
            total += values.get((*labels, str(number)), 0)
            buckets.append((bound, total))
        family.add_metric(labels, buckets, sum_value=values.get((*labels, "sum"), 0) / 1e6)
    return family


FAMILIES: dict[str, Callable[[Metric, Values], Family]] = {"counter": counter, "histogram": histogram}
