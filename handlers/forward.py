"""Sends each delivery on to any URL, signed anew. Recipe: recipes/forward.md.

At least once: a URL cannot be asked whether it has a delivery already. Each repeat carries the same id and body.
"""

from __future__ import annotations

from receiver import EVERY_EVENT, Event, Run, handles
from receiver.toolkit import outcome_of, post_signed, url_targets


@handles(
    *EVERY_EVENT,
    needs="FORWARD_URL",
    optional={"FORWARD_SIGNING_SECRET": "", "FORWARD_ALLOW_HOSTS": ""},
    targets=url_targets("FORWARD_URL", "FORWARD_SIGNING_SECRET"),
)
def forward(event: Event, run: Run) -> str:
    """Post the signed bytes unchanged; the outcome is the status that came back."""
    return outcome_of(post_signed(run), run, "the URL")
