"""What the web process answers: the webhook route, health, and nothing else."""

from .body import READ_S, read_body
from .health import health
from .webhooks import webhooks

__all__ = ["READ_S", "health", "read_body", "webhooks"]
