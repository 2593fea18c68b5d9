"""The dashboard for Grafana, and the alerts on the page, ask for what /metrics has."""

import json
import re

import pytest
import yaml

from receiver import settings
from receiver.store import connect, migrate
from receiver.telemetry import METRICS
from receiver.telemetry.page import Page
from tests.support.processes import CHECKOUT

PAGE = CHECKOUT / "docs" / "metrics.md"
DASHBOARD = CHECKOUT / "docs" / "grafana-dashboard.json"
NAME = re.compile(r"inboundflow_\w+")
SELECTED = re.compile(r'(inboundflow_\w+)\{(\w+)(?:=|!=|=~)"')
GROUPED = re.compile(r"by \(([\w, ]+)\)")
SUFFIXES = re.compile(r"_(bucket|sum|count)$")


def queries():
    panels = json.loads(DASHBOARD.read_text())["panels"]
    found = [(panel["title"], target["expr"]) for panel in panels for target in panel["targets"]]
    blocks = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)]
    rules = [rule for block in blocks for group in block.get("groups", []) for rule in group["rules"]]
    return found + [(rule["alert"], rule["expr"]) for rule in rules]


QUERIES = queries()
LABELS = {metric.shown_name: metric.labels for metric in METRICS}


@pytest.fixture
def names(tmp_path):
    db = connect(settings.read({"DATA_DIR": str(tmp_path)}))
    migrate(db)
    yield set(re.findall(r"^# TYPE (\S+)", Page(db).look().decode(), re.MULTILINE))
    db.close()


@pytest.mark.parametrize(("title", "query"), QUERIES, ids=[title for title, _ in QUERIES])
def test_each_query_asks_for_a_metric_and_labels_that_there_are(names, title, query):
    asked = {SUFFIXES.sub("", name) for name in NAME.findall(query)}
    selected = [(SUFFIXES.sub("", name), label) for name, label in SELECTED.findall(query)]
    grouped = {label.strip() for group in GROUPED.findall(query) for label in group.split(",")} - {"le"}

    assert (asked != set(), asked - names) == (True, set())
    assert [pair for pair in selected if pair[1] not in LABELS[pair[0]]] == []
    assert grouped <= {label for name in asked for label in LABELS[name]}


def test_every_metric_is_on_the_dashboard():
    shown = {SUFFIXES.sub("", name) for _, query in QUERIES for name in NAME.findall(query)}

    assert set(LABELS) - shown == set()


def test_no_query_adds_up_what_each_address_shows_whole():
    summed = [query for _, query in QUERIES if re.search(r"\bsum\b", query) and "max without (instance)" not in query]

    assert summed == []
