"""Handlers: functions that say which events they take and which variables turn them on."""

from .daily import DAILY_AT, last_end_us
from .deadline import left_s, within
from .discovery import handles, load, registered
from .handlers import Activation, Handler, activate
from .lookalikes import misspelt, resembled, variables
from .marks import settings_mark, settings_marks
from .needs import Needs, all_of, ambient, one_of
from .notices import Notice, notifiers, notifies
from .plugins import INTERFACE, discover
from .run import Earlier, Lane, Run
from .summary import as_noted, differences, is_on, reasons, summarize

__all__ = [
    "DAILY_AT",
    "INTERFACE",
    "Activation",
    "Earlier",
    "Handler",
    "Lane",
    "Needs",
    "Notice",
    "Run",
    "activate",
    "all_of",
    "ambient",
    "as_noted",
    "differences",
    "discover",
    "handles",
    "is_on",
    "last_end_us",
    "left_s",
    "load",
    "misspelt",
    "notifiers",
    "notifies",
    "one_of",
    "reasons",
    "registered",
    "resembled",
    "settings_mark",
    "settings_marks",
    "summarize",
    "variables",
    "within",
]
