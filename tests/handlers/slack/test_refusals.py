import json

import pytest

from receiver.errors import GiveUp, Pause, RetryLater
from receiver.registry import Earlier
from tests.handlers.slack.office import an_event


def ok_false(code):
    return 200, json.dumps({"ok": False, "error": code})


OUTCOMES = [
    # Slack answers                              the run is   and says               waits   with all others
    ((429, "{}"),                                RetryLater,  "429",                 30,     True),
    (ok_false("ratelimited"),                    RetryLater,  "ratelimited",         30,     True),
    (ok_false("rate_limited"),                   RetryLater,  "rate_limited",        30,     True),
    (ok_false("message_limit_exceeded"),         RetryLater,  "message_limit",       3600,   True),
    (ok_false("team_added_to_org"),              RetryLater,  "team_added_to_org",   3600,   True),
    (ok_false("org_login_required"),             RetryLater,  "org_login_required",  3600,   True),
    (ok_false("ekm_access_denied"),              RetryLater,  "ekm_access_denied",   3600,   True),
    ((500, "{}"),                                RetryLater,  "500",                 None,   False),
    ((503, '"<html>"'),                          RetryLater,  "503",                 None,   False),
    ((200, '"<html>"'),                          RetryLater,  "200",                 None,   False),
    (ok_false("internal_error"),                 RetryLater,  "internal_error",      None,   False),
    (ok_false("fatal_error"),                    RetryLater,  "fatal_error",         None,   False),
    (ok_false("service_unavailable"),            RetryLater,  "service_unavailable", None,   False),
    (ok_false("request_timeout"),                RetryLater,  "request_timeout",     None,   False),
    (ok_false("not_in_channel"),                 Pause,       "/invite",             None,   None),
    (ok_false("channel_not_found"),              Pause,       "SLACK_CHANNEL",       None,   None),
    (ok_false("is_archived"),                    Pause,       "archived",            None,   None),
    (ok_false("restricted_action"),              Pause,       "only some people",    None,   None),
    (ok_false("restricted_action_read_only_channel"), Pause,  "only some people",    None,   None),
    (ok_false("missing_scope"),                  Pause,       "chat:write",          None,   None),
    (ok_false("no_permission"),                  Pause,       "chat:write",          None,   None),
    (ok_false("invalid_auth"),                   Pause,       "not valid",           None,   None),
    (ok_false("not_authed"),                     Pause,       "not valid",           None,   None),
    (ok_false("token_revoked"),                  Pause,       "was revoked",         None,   None),
    (ok_false("token_expired"),                  Pause,       "has expired",         None,   None),
    (ok_false("account_inactive"),               Pause,       "switched off",        None,   None),
    (ok_false("external_channel_migrating"),     RetryLater,  "migrating",           3600,   True),
    (ok_false("not_allowed_token_type"),         Pause,       "xoxb-",               None,   None),
    (ok_false("access_denied"),                  Pause,       "install",             None,   None),
    (ok_false("accesslimited"),                  Pause,       "install",             None,   None),
    (ok_false("team_access_not_granted"),        Pause,       "install",             None,   None),
    (ok_false("two_factor_setup_required"),      Pause,       "two-factor",          None,   None),
    (ok_false("enterprise_is_restricted"),       Pause,       "administrator",       None,   None),
    (ok_false("as_user_not_supported"),          GiveUp,      "as_user_not_supp",    None,   None),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "outcome", "reason", "delay_s", "cooldown"), OUTCOMES)
@pytest.mark.parametrize("path", ["conversations.history", "chat.postMessage", "chat.update"])
def test_a_refusal_decides_what_becomes_of_the_run(office, path, answer, outcome, reason, delay_s, cooldown):
    if path == "chat.update":
        office.attempt(an_event("lead.created"))
    if path == "conversations.history":  # an attempt of unknown end may have begun the thread
        office.done.append(Earlier(event=an_event("lead.created"), outcome=""))
    office.world.fail("slack", status=answer[0], body=answer[1], path=path)

    refusal = office.fail(an_event(), error=outcome)

    assert reason in str(refusal)
    assert (getattr(refusal, "delay_s", None), getattr(refusal, "cooldown", None)) == (delay_s, cooldown)
    assert refusal.failure == (f"refused-{answer[0]}" if answer[0] >= 500 else "")  # what a hold goes by


def test_slack_is_left_alone_for_as_long_as_it_asks(office):
    office.world.fail("slack", status=429, headers={"Retry-After": "7"}, path="chat.postMessage")

    refusal = office.fail(an_event())

    assert (refusal.delay_s, refusal.cooldown) == (7, True)
