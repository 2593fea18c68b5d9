"""Rows that the handler appends, by themselves and many at once."""

import json
from dataclasses import replace

from handlers.google_sheets import append_row as append_rows
from tests.support.tools import a_run, completed


def run_at(world, event, env=None, **changes):
    return a_run("google_sheets.append_row", env or world.env, event, **changes)


def append_row(event, run):
    """One event by itself; what becomes of it."""
    (outcome,) = append_rows([event], [run])
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def calls(count, **changes):
    return [completed(key=f"d-{number}", **changes) for number in range(1, count + 1)]


def append(world, events, attempt=1):
    return one_by_one(world, events, [attempt] * len(events))


def one_by_one(world, events, attempts):
    """With an attempt's number for each run."""
    env = world.env
    pairs = enumerate(zip(events, attempts, strict=True))
    runs = [replace(a_run("google_sheets.append_row", env, e, attempt=a), id=n) for n, (e, a) in pairs]
    return append_rows(events, runs)


def keys(world, tab="Calls"):
    return [row["delivery_id"] for row in world.sheets.rows(tab)]


def ends_as(world, key="d-1"):
    event = completed(key=key)
    (outcome,) = append_rows([event], [a_run("google_sheets.append_row", world.env, event)])
    return outcome


def ending(error):
    return type(error), getattr(error, "cooldown", None), getattr(error, "delay_s", None)


def sent(world, kind):
    """The cells of the last request of this kind, by the names in the first row of its tab."""
    batches = [json.loads(exchange.body)["requests"] for exchange in world.exchanges if b'"requests"' in exchange.body]
    request = [request[kind] for batch in batches for request in batch if kind in request][-1]
    header = world.sheets.tabs[world.sheets.ids[request["sheetId"]]][0]
    return dict(zip(header, request["rows"][0]["values"], strict=False)), request["fields"]
