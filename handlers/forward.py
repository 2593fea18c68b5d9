"""Sends each delivery on to any URL, signed anew. Recipe: recipes/forward.md.

At least once: a URL cannot be asked whether it has a delivery already. Each repeat carries the same id and body.
"""

from __future__ import annotations

from receiver import EVERY_EVENT, Event, Run, handles
from receiver.toolkit import not_there, outcome_of, post_signed, url_targets


@handles(
    *EVERY_EVENT,
    needs="FORWARD_URL",
    optional={"FORWARD_SIGNING_SECRET": "", "FORWARD_ALLOW_HOSTS": ""},
    targets=url_targets("FORWARD_URL", "FORWARD_SIGNING_SECRET"),
    asks=False,
    label="Webhook",
)
def forward(event: Event, run: Run) -> str:
    """Post the signed bytes unchanged; the outcome is the status that came back."""
    answer = post_signed(run)
    if answer.status_code == 404:
        raise not_there(run, "the URL answered 404", "start what should be there, or correct the URL")
    return outcome_of(answer, run, "the URL")
