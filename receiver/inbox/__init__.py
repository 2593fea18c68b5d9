"""Deliveries, runs and attempts in the database, which is the truth about all of them."""

from .answers import PEN_HEADERS, Answer, is_marked
from .attempting import RUN_LEASE_US, Attempts, Claim, Verdict
from .clock import CLOCK as CLOCK_FACT
from .clock import FORWARD as FORWARD_FACT
from .clock import LEADER_LEASE_US, limit_waits
from .clock import SLACK_US as CLOCK_SLACK_US
from .deliveries import Inbox, from_row, write_and_remove
from .leadership import (
    UNATTENDED_US,
    acquire_leadership,
    handlers_on,
    is_leader,
    is_led,
    last_led,
    leader,
    release_leadership,
    undispatched_count,
)
from .lives import LIVES, Lost, lost_lives
from .losses import WORKER_STOPPED
from .opening import Backlog
from .pen import BODY_BYTES, Penned, empty, let_go, penned, take_in
from .rejections import Rejections
from .schedule import backoff_s
from .states import CANCELLABLE, CANCELLED, ENDED, OPEN, STATES
from .takeover import AbandonedRuns
from .throttles import cool_down, take_turn, throttled
from .troubles import PROCESSES, REDIS, Trouble, troubles

__all__ = [
    "BODY_BYTES",
    "CANCELLABLE",
    "CANCELLED",
    "CLOCK_FACT",
    "CLOCK_SLACK_US",
    "ENDED",
    "FORWARD_FACT",
    "LEADER_LEASE_US",
    "LIVES",
    "OPEN",
    "PEN_HEADERS",
    "PROCESSES",
    "REDIS",
    "RUN_LEASE_US",
    "STATES",
    "UNATTENDED_US",
    "WORKER_STOPPED",
    "AbandonedRuns",
    "Answer",
    "Attempts",
    "Backlog",
    "Claim",
    "Inbox",
    "Lost",
    "Penned",
    "Rejections",
    "Trouble",
    "Verdict",
    "acquire_leadership",
    "backoff_s",
    "cool_down",
    "empty",
    "from_row",
    "handlers_on",
    "is_leader",
    "is_led",
    "is_marked",
    "last_led",
    "leader",
    "let_go",
    "limit_waits",
    "lost_lives",
    "penned",
    "release_leadership",
    "take_in",
    "take_turn",
    "throttled",
    "troubles",
    "undispatched_count",
    "write_and_remove",
]
