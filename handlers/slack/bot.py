"""What `receiver doctor` asks Slack: whether it takes the token, and whether the bot can read its channels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slack_sdk.errors import SlackApiError

from receiver import Pause, RetryLater

from .channel import connect
from .refusals import lower_case, meaning

CHANNELS = ("SLACK_CHANNEL", "SLACK_URGENT_CHANNEL")


def check_bot(settings: Mapping[str, str]) -> Iterator[str]:
    """A line for each thing that is right; raises what is not. Posts nothing."""
    client = connect(settings)
    variable = "SLACK_BOT_TOKEN"
    try:
        answer = client.auth_test()
        scopes = lower_case(answer.headers).get("x-oauth-scopes", "")
        if scopes and "chat:write" not in [scope.strip() for scope in scopes.split(",")]:
            raise Pause("the bot lacks the scope chat:write: add it, install the app again, and copy the new token")
        yield "Slack takes the token"
        for variable in CHANNELS:
            if settings.get(variable):
                client.conversations_history(channel=settings[variable], limit=1)
                yield f"the bot can read the channel in {variable}"
    except SlackApiError as error:
        raise meaning(error, variable) from error
    except OSError as error:
        raise RetryLater(f"Slack cannot be reached ({type(error).__name__})") from error
