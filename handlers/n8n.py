"""Sends each delivery to an n8n workflow's Webhook node. Recipe: recipes/n8n.md.

At least once: n8n cannot be asked what it has. Each repeat is the same bytes, with the same delivery_id in them.
"""

from __future__ import annotations

from receiver import EVERY_EVENT, Event, Run, handles
from receiver.toolkit import hook_options, hook_target, not_there, outcome_of, post_envelope

READ_S, TOTAL_S = 30, 35  # a workflow that answers when it is through takes its time


@handles(
    *EVERY_EVENT,
    needs="N8N_WEBHOOK_URL",
    optional=hook_options("N8N"),
    targets=hook_target("N8N"),
    timeout_s=40,
    asks=False,
    label="n8n",
)
def forward(event: Event, run: Run) -> str:
    """Post a flat envelope; the outcome is the status. n8n answers 404 while it starts, and without the workflow."""
    answer = post_envelope(event, run, read_s=READ_S, total_s=TOTAL_S)
    if answer.status_code == 404:
        fix = "publish the workflow (n8n 1: activate it), and use its production URL (/webhook/, not a test's)"
        raise not_there(run, "n8n answered 404", fix)
    return outcome_of(answer, run, "n8n")
