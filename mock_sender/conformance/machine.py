"""The report for programs: JSON, and JUnit's XML for CI systems."""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree

from .table import GROUPS
from .verdict import Outcome, Report, Result

NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_object(report: Report) -> dict[str, Any]:
    return {
        "url": report.url,
        "passed": report.passed,
        "lives_lost": report.lives_lost,
        "headline": report.headline,
        "seed": report.seed,
        "counts": {str(outcome): report.count(outcome) for outcome in Outcome},
        "checks": [asdict(result) for result in report.results],
    }


def as_json(report: Report) -> str:
    return json.dumps(as_object(report), indent=2)


def as_junit(report: Report) -> str:
    root = ElementTree.Element("testsuites", {"name": "InboundFlow conformance", **totals(report.results)})
    for group in GROUPS:
        if results := [result for result in report.results if result.group == group]:
            suite = ElementTree.SubElement(root, "testsuite", {"name": group, **totals(results, skips=True)})
            for result in results:
                add_case(suite, result)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def totals(results: tuple[Result, ...] | list[Result], *, skips: bool = False) -> dict[str, str]:
    counts = {
        "tests": len(results), "errors": 0, "failures": sum(result.outcome is Outcome.FAILED for result in results),
    }  # fmt: skip
    if skips:
        counts["skipped"] = sum(result.outcome is Outcome.SKIPPED for result in results)
    return {name: str(count) for name, count in counts.items()} | {"time": f"{sum(o.took_s for o in results):.3f}"}


def add_case(suite: ElementTree.Element, result: Result) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=f"conformance.{result.group}",
        name=f"{result.number} {result.slug}",
        time=f"{result.took_s:.3f}",
    )
    says = NOT_IN_XML.sub("\ufffd", result.says)
    if result.outcome is Outcome.FAILED:
        ElementTree.SubElement(case, "failure", message=says, type="failed").text = NOT_IN_XML.sub(
            "\ufffd", in_full(result)
        )
    elif result.outcome is Outcome.SKIPPED:
        ElementTree.SubElement(case, "skipped", message=says)
    elif says:
        ElementTree.SubElement(case, "system-out").text = says


def in_full(result: Result) -> str:
    """Everything that helps to fix it."""
    parts = [f"sent: {result.sends}", f"expected: {result.expected}", f"came back: {result.says}", f"why: {result.why}",
             f"how to fix: {result.fix}"]  # fmt: skip
    parts = [textwrap.fill(part, 76, subsequent_indent="  ") for part in parts]
    for shown in result.evidence[:1]:
        parts += ["", "as sent:", shown.sent, "", "the answer:", shown.came_back, "", "repeat it:", shown.command]
    return "\n".join(parts)
