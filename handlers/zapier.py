"""Sends each delivery to a Zap's Catch Hook. Recipe: recipes/zapier.md.

At least once: Zapier cannot be asked what it has. Each repeat is the same bytes, with the same delivery_id in them.
"""

from __future__ import annotations

from receiver import EVERY_EVENT, Event, Pause, Run, handles
from receiver.toolkit import hook_options, hook_target, not_there, outcome_of, post_envelope, retry_later

# A hook whose URL has no user id takes 1000 requests in five minutes, the others ten times as many for all of a
# user's Zaps together. Three a second is 900: never refused by either, and a backlog of a thousand takes six minutes.
PACE_S = 1 / 3


@handles(
    *EVERY_EVENT,
    needs="ZAPIER_WEBHOOK_URL",
    optional=hook_options("ZAPIER"),
    targets=hook_target("ZAPIER"),
    pace_s=PACE_S,
    asks=False,
)
def forward(event: Event, run: Run) -> str:
    """Post a flat envelope; the outcome is the status. Zapier asks that all that is not 2xx be tried again."""
    answer = post_envelope(event, run)
    if answer.status_code == 404:
        raise not_there(run, "Zapier answered 404", "the hook is gone. Put the Zap's new URL here")
    if answer.status_code == 410:
        raise Pause("Zapier answered 410: the hook is gone. Put the Zap's new URL here", failure="refused-410")
    if not 200 <= answer.status_code < 300:
        raise retry_later(answer, "Zapier")
    return outcome_of(answer, run, "Zapier")
