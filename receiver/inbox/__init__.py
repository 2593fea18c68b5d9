"""Deliveries, runs and attempts in the database, which is the truth about all of them."""

from .claims import Claim, Verdict
from .deliveries import Inbox
from .rejections import Rejections
from .runs import Runs, unattended

__all__ = ["Claim", "Inbox", "Rejections", "Runs", "Verdict", "unattended"]
