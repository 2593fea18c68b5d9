"""A router that lets requests wait while no process can take them, as Heroku's does. Ours, and far simpler."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

PATIENCE_S = 75.0  # Heroku's router answers H20 after that
LOOK_EVERY_S = 0.05
READ_BYTES = 64 * 1024


class Router:
    """Passes each connection to `target`, the port of the newest process; while that is 0, it waits."""

    def __init__(self) -> None:
        self.target = 0
        self.routes: set[asyncio.Task[None] | None] = set()  # asyncio itself may forget a task that waits
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self.listener.getsockname()[1])
        self.thread = threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True)
        self.thread.start()

    async def serve(self) -> None:
        self.loop, self.ending = asyncio.get_running_loop(), asyncio.Event()
        async with await asyncio.start_server(self.route, sock=self.listener):
            await self.ending.wait()

    async def route(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.routes.add(task := asyncio.current_task())
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                upstream_reader, upstream_writer = await self.connected()
            await asyncio.gather(passed_on(reader, upstream_writer), passed_on(upstream_reader, writer))
            upstream_writer.close()
        writer.close()
        self.routes.discard(task)

    async def connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the process that is there now, or to the next."""
        while True:
            if self.target:
                with suppress(OSError):
                    return await asyncio.open_connection("127.0.0.1", self.target)
            await asyncio.sleep(LOOK_EVERY_S)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.ending.set)
        self.thread.join(5)


async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(READ_BYTES):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
