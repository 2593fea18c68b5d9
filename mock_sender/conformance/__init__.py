"""A report on any receiver of InboundFlow's webhooks, in any language, from outside.

from mock_sender import conformance

report = conformance.run("http://127.0.0.1:8000/webhook", "whsec_…")
assert report.passed and report.lives_lost == 0
"""

from __future__ import annotations

from .runner import CannotRun, run
from .table import TABLE, Check
from .verdict import Evidence, Outcome, Report, Result

__all__ = ["TABLE", "CannotRun", "Check", "Evidence", "Outcome", "Report", "Result", "run"]
