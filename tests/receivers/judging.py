"""What the conformance checks say of a receiver, by the check's number."""

from mock_sender import conformance

SECRET = "whsec_receivers"
PREVIOUS = "whsec_before_that"


def report(url, effects=None, only=(), timeout_s=10.0):
    return conformance.run(url, SECRET, previous_secret=PREVIOUS, effects=effects, only=only, timeout_s=timeout_s)


def verdicts(report):
    """passed, warned, failed or skipped, for each check that ran."""
    return {result.number: str(result.outcome) for result in report.results}
