"""What `receiver doctor` asks Slack: whether it takes the token, and whether the bot can read its channels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from slack_sdk.errors import SlackApiError

from receiver import Pause, RetryLater

from .channel import connect
from .refusals import lower_case, meaning

CHANNELS = ("SLACK_CHANNEL", "SLACK_URGENT_CHANNEL")


def check_bot(settings: Mapping[str, str]) -> Iterator[str]:
    """A line for each thing that is right; raises what is not. Posts nothing."""
    yield from check_token_of(settings)
    client = connect(settings)
    for variable in CHANNELS:
        if settings.get(variable):
            with answers(variable):
                client.conversations_history(channel=settings[variable], limit=1)
            yield f"the bot can read the channel in {variable}"


def check_token_of(settings: Mapping[str, str]) -> Iterator[str]:
    with answers("SLACK_BOT_TOKEN"):
        answer = connect(settings).auth_test()
    scopes = lower_case(answer.headers).get("x-oauth-scopes", "")
    if scopes and "chat:write" not in [scope.strip() for scope in scopes.split(",")]:
        raise Pause("the bot lacks the scope chat:write: add it, install the app again, and copy the new token")
    yield "Slack takes the token"


@contextmanager
def answers(variable: str) -> Iterator[None]:
    """Raises what Slack's refusal means, in words about the variable."""
    try:
        yield
    except SlackApiError as error:
        raise meaning(error, variable) from error
    except OSError as error:
        raise RetryLater(f"Slack cannot be reached ({type(error).__name__})") from error
