"""Runs the checks against the receivers that people write and publishes the table: python -m tests.receivers

With names it runs those, and only tells: python -m tests.receivers express php
"""

import sys
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

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
SIGNS = {"passed": "✓", "warned": "!", "failed": "✗", "skipped": "–"}


def main():
    names = sys.argv[1:] or [*OWN, *PEOPLE]
    reports, versions = {}, {}
    for name in names:
        try:
            reports[name], versions[name] = checked(name)
        except Lacking as missing:
            sys.exit(f"{name} was not run: this machine lacks {missing}")
        print(f"{name}: {summary(reports[name])}", flush=True)
    if not sys.argv[1:]:
        publish(page(reports, versions))


def checked(name):
    """The report, and which version it is of."""
    if name.startswith("ours"):
        return of_ours(name)
    if name == "n8n":
        return of_n8n()
    if name == "right":
        with right(SECRET, previous_secret=PREVIOUS) as receiver:
            return full_report(receiver), "Python {}.{}".format(*sys.version_info)
    with started(name, SECRET) as url:
        return report(url), PEOPLE[name].version()


def of_ours(name):
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        url = ""
        if name == "ours-postgres":
            if postgres.programs() is None:
                raise Lacking("the programs of a Postgres server")
            url = stack.enter_context(closing(postgres.Server())).new_database()
        return full_report(stack.enter_context(ours(folder, url))), "of this commit"


def of_n8n():
    if not n8n.PROGRAM.exists():
        raise Lacking("n8n: python -m tests.receivers.n8n installs it")
    with n8n.n8n(SECRET) as running:
        return report(f"{running.url}/{n8n.STRAIGHT}"), n8n.N8N.replace("@", " ")


def summary(report):
    counts = {word: list(verdicts(report).values()).count(word) for word in SIGNS}
    return f"{report.lives_lost} of 10 lives lost; " + ", ".join(f"{n} {word}" for word, n in counts.items() if n)


def page(reports, versions):
    """The receivers, and below them each check with what it said of each."""
    lines = [f"Run on {datetime.now(UTC):%d %B %Y} by `python -m tests.receivers`.", ""]
    lines += ["| receiver | is | version | on a bad day |", "| --- | --- | --- | --- |"]
    titles = OWN | {name: person.title for name, person in PEOPLE.items()}
    for name, found in reports.items():
        lines.append(f"| {name} | {titles[name]} | {versions[name]} | {summary(found)} |")
    signs = ", ".join(f"{sign} {word}" for word, sign in SIGNS.items())
    lines += ["", f"{signs}.", "", f"| check | {' | '.join(reports)} |", "| --- |" + " :-: |" * len(reports)]
    said = {name: verdicts(found) for name, found in reports.items()}
    for result in next(iter(reports.values())).results:
        cells = [SIGNS[said[name].get(result.number, "skipped")] for name in reports]
        lines.append(f"| {result.number} {result.slug} | {' | '.join(cells)} |")
    return "\n".join(lines)


def publish(table):
    """Between the markers of the page, and nothing else of it."""
    text = PAGE.read_text() if PAGE.exists() else f"# Conformance\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main()
