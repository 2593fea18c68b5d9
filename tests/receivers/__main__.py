"""Runs the checks against the receivers that people write and publishes the table: python -m tests.receivers

With names it runs those, and only tells: python -m tests.receivers express php
"""

import sys
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from mock_sender import conformance
from tests.receivers import n8n
from tests.receivers.judging import PREVIOUS, SECRET, full_report, report, verdicts
from tests.receivers.ours import ours
from tests.receivers.people import PEOPLE, Lacking, started
from tests.receivers.right import right
from tests.support import postgres
from tests.support.processes import CHECKOUT

PAGE = CHECKOUT / "docs" / "conformance.md"
BEGIN, END = "<!-- receivers -->", "<!-- /receivers -->"
OWN = {
    "ours": "this project's receiver, on SQLite",
    "ours-postgres": "this project's receiver, on Postgres",
    "right": "the right one that the checks are proven with, `tests/receivers/right.py`",
    "n8n": "the workflow of recipes/n8n.md that InboundFlow reaches straight",
}
HEAD = (
    "| receiver | is | version | lives lost on a bad day | checks that fail |",
    "| --- | --- | --- | --- | --- |",
)
MANY = 30  # more are no help


def main():
    """Exits with 1 where one of PEOPLE does other than is expected of it."""
    names, rows, surprises = sys.argv[1:] or [*OWN, *PEOPLE], {}, []
    for name in names:
        try:
            version, report = checked(name)
        except Lacking as missing:
            print(f"{name} was not run, and its row stays: this machine lacks {missing}", flush=True)
            continue
        rows[name] = row(name, version, report)
        surprises += [f"{name}: {surprise}" for surprise in unexpected(name, report)]
        print(f"{name}: {report if isinstance(report, str) else summary(report)}", flush=True)
    if not sys.argv[1:]:
        publish({**published(), **rows}, names)
    sys.exit("\n".join(surprises))


def unexpected(name, report):
    """What it does otherwise than `PEOPLE` has it."""
    person = PEOPLE.get(name)
    if person and isinstance(report, str):
        return [] if person.refused and person.refused in report else [report]
    failures = failed(report)
    expected = set(person.fails) if person else {*failures} if name == "n8n" else set()
    return [
        f"{number} should {'fail' if number in expected else 'pass'}" for number in sorted(expected ^ set(failures))
    ]


def failed(report):
    """By number: what is written of each check that failed."""
    return {r.number: f"{r.number} {r.slug}" for r in report.results if r.outcome == "failed"}


def checked(name):
    """Which version it is of, and the report; where nothing could be checked, the sentence that says so."""
    if name.startswith("ours"):
        return of_ours(name)
    if name == "n8n":
        return of_n8n()
    if name == "right":
        with right(SECRET, previous_secret=PREVIOUS) as receiver:
            return "Python {}.{}".format(*sys.version_info), full_report(receiver)
    with started(name, SECRET) as url:
        return PEOPLE[name].version(), report_or_refusal(url)


def report_or_refusal(url):
    try:
        return conformance.run(url, SECRET)
    except conformance.CannotRun as refusal:
        return str(refusal)


def of_ours(name):
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True)))
        url = ""
        if name == "ours-postgres":
            if postgres.programs() is None:
                raise Lacking("the programs of a Postgres server")
            url = stack.enter_context(closing(postgres.Server())).new_database()
        return "of this commit", full_report(stack.enter_context(ours(folder, url)))


def of_n8n():
    if not n8n.is_installed():
        raise Lacking("n8n: python -m tests.receivers.n8n installs it")
    with n8n.n8n(SECRET) as running:
        return n8n.N8N.replace("@", " "), report(f"{running.url}/{n8n.STRAIGHT}")


def summary(report):
    counts = {word: list(verdicts(report).values()).count(word) for word in conformance.Outcome}
    return f"{report.lives_lost} of 10 lives lost; " + ", ".join(f"{n} {word}" for word, n in counts.items() if n)


def row(name, version, report):
    title = OWN[name] if name in OWN else PEOPLE[name].title
    if isinstance(report, str):
        return f"| {name} | {title} | {version} | | nothing is checked: {report.partition(' Nothing was')[0]} |"
    failures = list(failed(report).values())
    shown = ", ".join(failures) if len(failures) < MANY else f"{len(failures)} checks, all that have an accent in them"
    return f"| {name} | {title} | {version} | {report.lives_lost} of 10 | {shown or 'none'} |"


def published():
    """The rows as they are on the page, by name."""
    between = PAGE.read_text().partition(BEGIN)[2].partition(END)[0]
    return {line.split(" | ")[0].strip("| "): line for line in between.splitlines() if line.startswith("| ")}


def publish(rows, names):
    """Between the markers of the page, and nothing else of it."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    lines = [f"Run on {datetime.now(UTC):%d %B %Y} by `python -m tests.receivers`.", "", *HEAD]
    lines += [rows[name] for name in names if name in rows]
    PAGE.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main()
