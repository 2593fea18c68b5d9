"""What the conformance checks say of a receiver, by the check's number."""

from mock_sender import conformance

SECRET = "whsec_receivers"
PREVIOUS = "whsec_before_that"


def report(url, *, only=(), timeout_s=10.0):
    """Of one that knows a single secret, and does not tell its effects."""
    return conformance.run(url, SECRET, only=only, timeout_s=timeout_s, anyway=True)


def full_report(receiver, *, only=(), timeout_s=10.0):
    """Of the right one, or of one with a mistake: nothing is hidden."""
    return conformance.run(
        receiver.url,
        SECRET,
        previous_secret=PREVIOUS,
        effects=receiver.effects_url,
        only=only,
        timeout_s=timeout_s,
        anyway=True,
    )


def verdicts(report):
    """passed, warned, failed or skipped, for each check that ran."""
    return {result.number: str(result.outcome) for result in report.results}
