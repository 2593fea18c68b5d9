"""Prints a line for each delivery, where no other destination is on. Recipe: recipes/console.md."""

from __future__ import annotations

import sys

from receiver import EVERY_EVENT, Event, Run, handles


@handles(*EVERY_EVENT, optional={"CONSOLE_FULL": ""})
def show(event: Event, run: Run) -> str:
    """Print the event and its ids; the caller only on a terminal, as others read a log. A repeat prints again."""
    line = f"{event.event or 'no event'} delivery={event.delivery_id} call={event.call_id or '-'}"
    if run.settings["CONSOLE_FULL"] == "1" and sys.stdout.isatty():
        line += f" caller={event.caller_name or '-'} {event.caller_phone or '-'}"
    print(line, flush=True)
    return "printed"
