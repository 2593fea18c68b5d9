"""What the web process answers: the webhook route, health, and nothing else."""

from .answers import routing_refusal
from .application import Application
from .body import READ_S, read_body, remaining_s
from .headers import headers_of
from .health import health_routes
from .marked import note_answers
from .observed import Answered, Observer, observe_answers
from .webhooks import Sources, webhook_routes

__all__ = [
    "READ_S",
    "Answered",
    "Application",
    "Observer",
    "Sources",
    "headers_of",
    "health_routes",
    "note_answers",
    "observe_answers",
    "read_body",
    "remaining_s",
    "routing_refusal",
    "webhook_routes",
]
