"""Looks at everything that has to be right before and after going live. Changes nothing."""

from .public import check_address
from .report import Report, run_checks
from .text import lines

__all__ = ["Report", "check_address", "lines", "run_checks"]
