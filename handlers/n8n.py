"""Sends each delivery to an n8n workflow's Webhook node. Recipe: recipes/n8n.md.

At least once: n8n cannot be asked what it has. Each repeat is the same bytes, with the same delivery_id in them.
"""

from __future__ import annotations

from receiver import EVERY_EVENT, Event, Pause, RetryLater, Run, handles
from receiver.toolkit import hook_options, hook_target, outcome_of, post_envelope

READ_S, TOTAL_S = 30, 35  # a workflow that answers when it is through takes its time
# n8n answers 404 while it starts, and for a workflow that is not active. The waits after such answers (the schedule's
# own are 5, 30, 120 and 600 s, give or take a fifth) come to a quarter of an hour; then it is not starting any more.
# Only the first of them holds up the other runs: later ones would keep them waiting long after n8n has come back.
NOT_REGISTERED_S = (5, 40, 150, 720)


@handles(
    *EVERY_EVENT,
    needs="N8N_WEBHOOK_URL",
    optional=hook_options("N8N"),
    targets=hook_target("N8N"),
    timeout_s=40,
)
def forward(event: Event, run: Run) -> str:
    """Post a flat envelope; the outcome is the status."""
    answer = post_envelope(event, run, read_s=READ_S, total_s=TOTAL_S)
    if answer.status_code == 404:
        if run.failures >= len(NOT_REGISTERED_S):
            raise Pause("n8n answered 404: activate the workflow, and use its production URL (/webhook/, not a test's)")
        wait_s = NOT_REGISTERED_S[run.failures]
        raise RetryLater("n8n answered 404: not registered", delay_s=wait_s, cooldown=run.failures == 0)
    return outcome_of(answer, run, "n8n")
