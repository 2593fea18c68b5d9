"""Sends an e-mail for each call, or a summary of each day, through Resend or SMTP. Recipe: recipes/email.md.

Through Resend once: each request carries a key of its delivery and recipient, under which Resend sends one message in
24 hours. Through SMTP at least once: where the connection is lost after the message was handed over, it is sent again,
with the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from receiver import EVERY_EVENT, Event, Notice, Run, all_of, ambient, handles, notifies, one_of
from receiver.toolkit import BUSINESS, DAILY_AT

from .settings import RESEND, RESEND_KEY, SMTP, alert_targets, read_targets


def check(settings: Mapping[str, str]) -> Iterator[str]:
    """Ask Resend about the key and the domain, or sign in at the mail server. Nothing is sent."""
    from .sending import sender

    yield from sender(settings).check()


@handles(
    *EVERY_EVENT,
    needs=all_of("EMAIL_TO", "EMAIL_FROM", one_of(RESEND_KEY, SMTP)),
    optional={
        "EMAIL_CALLS": "all",
        "EMAIL_DIGEST_AT": "",
        "RESEND_API_URL": RESEND,
        "SMTP_CA_FILE": "",
        "FORWARD_ALLOW_HOSTS": "",
        **BUSINESS,
    },
    targets=read_targets,
    parallel=1,  # a call's first message before its replies
    pace_s=0.5,  # Resend takes 2 requests a second of a team, and mail servers grow suspicious of a burst
    check=check,
    asks=False,  # Resend knows a message again for a day only
    label="E-mail",
)
def send(event: Event, run: Run) -> str:
    """Send what is new of a call to one recipient, or what came in a day; the outcome is the message's id."""
    from . import day, thread
    from .sending import sender

    is_daily = DAILY_AT in run.settings
    message = day.summary(run) if is_daily else thread.message(event, run)
    if message is None:
        return day.NOTHING if is_daily else thread.NOT_URGENT
    return sender(run.settings).send(message, run)


@notifies(
    needs=all_of("ALERT_EMAIL", ambient("EMAIL_FROM"), one_of(ambient(RESEND_KEY), ambient(SMTP))),
    optional={"RESEND_API_URL": RESEND, "SMTP_CA_FILE": "", "FORWARD_ALLOW_HOSTS": ""},
    targets=alert_targets,
    check=check,
)
def alert(notice: Notice, settings: Mapping[str, str]) -> str:
    """Send a notice to one recipient. Recipe: recipes/monitor.md."""
    from .alert import mail

    return mail(notice, settings)
