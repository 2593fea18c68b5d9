"""Handlers: functions that say which events they take and which variables turn them on."""

from .deadline import left_s, within
from .handlers import Activation, Earlier, Handler, Lane, Run, activate, handles, load
from .needs import Needs, all_of, ambient, one_of
from .summary import differences, name_of, summarize

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
    "left_s",
    "load",
    "name_of",
    "one_of",
    "summarize",
    "within",
]
