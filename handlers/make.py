"""Sends each delivery to a Make scenario's custom webhook. Recipe: recipes/make.md.

At least once: Make cannot be asked what it has. Each repeat is the same bytes, with the same delivery_id in them.
"""

from __future__ import annotations

from receiver import EVERY_EVENT, Event, RetryLater, Run, handles
from receiver.toolkit import hook_options, hook_target, not_there, outcome_of, post_envelope

PACE_S = 1 / 25  # Make takes 300 requests in 10 s; a sixth is left for others
QUEUE_FULL_S = 600  # the scenario has to work off what waits there


@handles(
    *EVERY_EVENT,
    needs="MAKE_WEBHOOK_URL",
    optional=hook_options("MAKE"),
    targets=hook_target("MAKE"),
    pace_s=PACE_S,
    asks=False,
)
def forward(event: Event, run: Run) -> str:
    """Post a flat envelope; the outcome is the status. Make's 400 may mean that its queue is full."""
    answer = post_envelope(event, run)
    if answer.status_code == 400 and b"queue is full" in answer.content.lower():
        raise RetryLater("Make answered 400: its queue is full", delay_s=QUEUE_FULL_S, cooldown=True)
    if answer.status_code == 404:
        raise not_there(run, "Make answered 404", "copy the webhook's address again")
    return outcome_of(answer, run, "Make")
