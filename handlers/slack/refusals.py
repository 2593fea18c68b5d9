"""What Slack's refusals mean for a run. https://docs.slack.dev/reference/methods/chat.postMessage#errors"""

from __future__ import annotations

import re
from typing import NoReturn

from slack_sdk.errors import SlackApiError

from receiver import GiveUp, Pause, RetryLater, retry_after_s

BUSY_S = 30  # where Slack says "too often" without saying for how long
HOUR_S = 3600
TOO_OFTEN = {"ratelimited": BUSY_S, "rate_limited": BUSY_S, "message_limit_exceeded": HOUR_S}
FOR_A_WHILE = {"team_added_to_org", "org_login_required", "ekm_access_denied"}
MAY_HAVE_WORKED = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
MENDS = {
    "not_in_channel": "invite the bot to the channel: /invite @name",
    "channel_not_found": "the channel should be given by its id (C…), and the bot be a member of it",
    "is_archived": "the channel is archived: choose another",
    "missing_scope": "the bot lacks a scope: it needs chat:write and channels:history (groups:history if private)",
    "no_permission": "the bot may not post there: check its scopes and the channel's posting rules",
    "restricted_action": "the workspace does not let the bot post there: ask its owner",
    "invalid_auth": "SLACK_BOT_TOKEN is not valid",
    "not_authed": "SLACK_BOT_TOKEN is not valid",
    "token_revoked": "SLACK_BOT_TOKEN was revoked",
    "token_expired": "SLACK_BOT_TOKEN has expired",
    "account_inactive": "the bot's account was switched off",
}
# Slack takes no such blocks or texts: without blocks it may.
UNFIT = {
    *("invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text"),
    *("invalid_arguments", "too_many_attachments", "metadata_too_large"),
}
# The thread's first message was deleted.
GONE = {"thread_not_found", "message_not_found", "cannot_reply_to_message"}


def code_of(error: SlackApiError) -> str:
    """Slack's error code; "" for the text that its client makes of an answer that is not JSON."""
    code = error.response.get("error")
    return code if isinstance(code, str) and re.fullmatch(r"[a-z_]{2,60}", code) else ""


def refused(error: SlackApiError) -> NoReturn:
    """Raise what Slack's answer means. Slack says some of it with status 200."""
    status, code = error.response.status_code, code_of(error)
    headers = {name.lower(): value for name, value in error.response.headers.items()}
    if status == 429 or code in TOO_OFTEN:
        wait_s = retry_after_s(headers) or TOO_OFTEN.get(code, BUSY_S)
        raise RetryLater(f"Slack: {code or 429}", delay_s=wait_s, all_runs=True) from error
    if status >= 500 or code in MAY_HAVE_WORKED or not code:
        raise RetryLater(f"Slack answered {status} {code}".rstrip()) from error
    if code in FOR_A_WHILE:
        raise RetryLater(f"Slack: {code}", delay_s=HOUR_S, all_runs=True) from error
    mend = MENDS.get("restricted_action" if code.startswith("restricted_action") else code)
    if mend:
        raise Pause(f"Slack: {code}: {mend}") from error
    raise GiveUp(f"Slack: {code}") from error
