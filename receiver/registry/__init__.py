"""Handlers: functions that say which events they take and which variables turn them on."""

from .daily import DAILY_AT, last_end_us
from .deadline import left_s, within
from .discovery import handles, load, registered
from .handlers import Activation, Handler, activate
from .lookalikes import misspelt, variables
from .needs import Needs, all_of, ambient, one_of
from .plugins import INTERFACE, discover
from .run import Earlier, Lane, Run
from .summary import differences, is_on, name_of, summarize

__all__ = [
    "DAILY_AT",
    "INTERFACE",
    "Activation",
    "Earlier",
    "Handler",
    "Lane",
    "Needs",
    "Run",
    "activate",
    "all_of",
    "ambient",
    "differences",
    "discover",
    "handles",
    "is_on",
    "last_end_us",
    "left_s",
    "load",
    "misspelt",
    "name_of",
    "one_of",
    "registered",
    "summarize",
    "variables",
    "within",
]
