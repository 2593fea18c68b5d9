"""Handlers: functions that say which events they take and which variables turn them on."""

from .deadline import left_s, within
from .discovery import handles, load
from .handlers import Activation, Handler, activate
from .needs import Needs, all_of, ambient, one_of
from .run import Earlier, Lane, Run
from .summary import differences, is_on, name_of, summarize

__all__ = [
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
    "handles",
    "is_on",
    "left_s",
    "load",
    "name_of",
    "one_of",
    "summarize",
    "within",
]
