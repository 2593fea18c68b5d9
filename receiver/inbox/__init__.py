"""Deliveries, runs and attempts in the database, which is the truth about all of them."""

from .database import Sqlite
from .deliveries import Inbox
from .rejections import Rejections
from .runs import Claim, Runs, Verdict
from .schema import migrate

__all__ = ["Claim", "Inbox", "Rejections", "Runs", "Sqlite", "Verdict", "migrate"]
