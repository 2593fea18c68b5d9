"""Sends rounds of requests: one round after another, the requests of a round at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from ..wire import TIMEOUT_S, Answer, exchange, on_one_connection
from .kinds import Round


def play(rounds: Iterable[Round], timeout_s: float = TIMEOUT_S) -> list[list[Answer]]:
    """The answers of each round, in the order of its requests."""

    async def all_rounds() -> list[list[Answer]]:
        return [await play_round(round, timeout_s) for round in rounds]

    return asyncio.run(all_rounds())


async def play_round(round: Round, timeout_s: float = TIMEOUT_S) -> list[Answer]:
    await asyncio.sleep(round.after_s)
    if round.one_connection:
        return await on_one_connection(round.requests, timeout_s, pipelined=True)
    return await asyncio.gather(*[exchange(request, timeout_s) for request in round.requests])
