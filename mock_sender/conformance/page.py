"""The report as one HTML page that needs nothing else."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .table import GROUPS
from .verdict import Outcome, Report


def as_html(report: Report) -> str:
    pages = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
    failed = [result for result in report.results if result.outcome is Outcome.FAILED]
    others = [result for result in report.results if result.outcome is not Outcome.FAILED]
    groups = [("failed", failed), *((group, [one for one in others if one.group == group]) for group in GROUPS)]
    counts = [(str(outcome), report.count(outcome)) for outcome in Outcome]
    return pages.get_template("report.html").render(report=report, groups=groups, counts=counts)
