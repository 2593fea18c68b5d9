"""Acknowledgements at a steady pace while people look at the dashboard: run python -m benchmarks.tabs.

Rounds alternate: nobody looks; so many tabs stand open, each drawn again every ten seconds as a browser does it, and
somebody searches calls again and again.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import statistics
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import httpx

from tests.support.browsing import OWN, PASSWORD, TOKEN

from .contenders import contenders
from .open_loop import Latencies, steadily
from .places import running

PAGES = ("/", "/callbacks", "/problems", "/connection")
EVERY_S = 10
CONTENDER = "ours"  # receiver up


def main() -> int:
    options = arguments()
    contender = next(each for each in contenders() if each.name == CONTENDER)
    looked_at = replace(contender, env={**contender.env, "DASHBOARD_PASSWORD": PASSWORD})
    rounds: dict[str, list[Latencies]] = {"nobody": [], "tabs": []}
    with running(looked_at) as place:
        url = f"http://127.0.0.1:{place.port}"
        asyncio.run(steadily(contender.path, place.port, options.per_s, 5))
        for _ in range(options.rounds):
            rounds["nobody"].append(asyncio.run(steadily(contender.path, place.port, options.per_s, options.seconds)))
            with people(url, options.tabs) as drawn:
                rounds["tabs"].append(asyncio.run(steadily(contender.path, place.port, options.per_s, options.seconds)))
            print(f"drawn in this round: {len(drawn)} pages, {sum(code != 200 for code in drawn)} not", file=sys.stderr)
    print(report(rounds, options))
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tabs", description=__doc__)
    parser.add_argument("--tabs", type=int, default=20)
    parser.add_argument("--per-s", type=float, default=100, help="deliveries a second")
    parser.add_argument("--seconds", type=float, default=20, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


@contextlib.contextmanager
def people(url: str, tabs: int) -> Iterator[list[int]]:
    """Their statuses, as they come. They share a session, as the tabs of a browser do."""
    stop, drawn = threading.Event(), list[int]()
    cookies = sign_in(url)
    looking = [
        threading.Thread(target=look, args=(url, cookies, PAGES[tab % len(PAGES)], tab * EVERY_S / tabs, stop, drawn))
        for tab in range(tabs)
    ]
    searching = threading.Thread(target=search, args=(url, cookies, stop, drawn))
    for thread in (*looking, searching):
        thread.start()
    try:
        yield drawn
    finally:
        stop.set()
        for thread in (*looking, searching):
            thread.join()


def sign_in(url: str) -> httpx.Cookies:
    with httpx.Client(base_url=url, headers={"Origin": url, "Sec-Fetch-Site": OWN["Sec-Fetch-Site"]}) as client:
        token = TOKEN.search(client.get("/sign-in").text)
        fields = {"csrf_token": token[1] if token else "", "name": "Ana", "password": PASSWORD}
        client.post("/sign-in", data=fields)
        return client.cookies


def look(url: str, cookies: httpx.Cookies, path: str, after_s: float, stop: threading.Event, drawn: list[int]) -> None:
    with httpx.Client(base_url=url, cookies=cookies, timeout=20) as client:
        stop.wait(after_s)
        while not stop.is_set():
            drawn.append(client.get(f"/live{path}").status_code)
            stop.wait(EVERY_S)


def search(url: str, cookies: httpx.Cookies, stop: threading.Event, drawn: list[int]) -> None:
    headers = {"Origin": url, "Sec-Fetch-Site": OWN["Sec-Fetch-Site"]}
    with httpx.Client(base_url=url, cookies=cookies, headers=headers, timeout=20, follow_redirects=True) as client:
        token = TOKEN.search(client.get("/calls").text)
        for words in itertools.cycle(("Ana", "0142", "Marcus Lee")):
            if stop.wait(0.5):
                return
            fields = {"csrf_token": token[1] if token else "", "q": words}
            drawn.append(client.post("/calls", data=fields).status_code)


def report(rounds: dict[str, Sequence[Latencies]], options: argparse.Namespace) -> str:
    lines = [
        f"{options.per_s:g} deliveries a second, rounds of {options.seconds:g} s, the median of {options.rounds}:",
        "",
        "| who looks | p50 ms | p99 ms | max ms | failed |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, found in rounds.items():
        who = "nobody" if name == "nobody" else f"{options.tabs} tabs, and a search every half second"
        p50, p99 = (statistics.median(getattr(each, value) for each in found) for value in ("p50_ms", "p99_ms"))
        longest, failed = max(each.max_ms for each in found), sum(each.failed for each in found)
        lines.append(f"| {who} | {p50:.1f} | {p99:.1f} | {longest:.0f} | {failed} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
