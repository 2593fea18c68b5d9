"""What has arrived at the played destinations, as the people who use them would see it: on a page, and as text."""

from .pages import HEADERS, answer, is_ours
from .texts import LANGUAGES

__all__ = ["HEADERS", "LANGUAGES", "answer", "is_ours"]
