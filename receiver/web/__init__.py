"""What the web process answers: the webhook route, health, and nothing else."""

from .answers import routing_refusal
from .body import READ_S, read_body
from .health import health
from .webhooks import Sources, webhooks

__all__ = ["READ_S", "Sources", "health", "read_body", "routing_refusal", "webhooks"]
