"""Deliveries, runs and attempts in the database, which is the truth about all of them."""

from .answers import PEN_HEADERS, Answer, is_marked
from .attempting import RUN_LEASE_US, Attempts, Claim, End, Verdict
from .changed import try_changed
from .clock import CLOCK as CLOCK_FACT
from .clock import FORWARD as FORWARD_FACT
from .clock import LEADER_LEASE_US, limit_waits
from .clock import SLACK_US as CLOCK_SLACK_US
from .days import deliveries_of_day, forget_days, open_day
from .deliveries import Inbox, from_row, write_and_remove
from .details import detail_text
from .holding import CHANGED, DOWN
from .leadership import (
    UNATTENDED_US,
    acquire_leadership,
    handlers_on,
    is_leader,
    is_led,
    last_led,
    leader,
    reasons_of,
    release_leadership,
    undispatched_count,
)
from .lives import LIVES, Lost, lost_lives
from .losses import WORKER_STOPPED
from .opening import Backlog
from .pen import BODY_BYTES, Penned, empty, let_go, penned, take_in
from .probing import Hold, holds, waiting_for
from .rejections import Rejections
from .schedule import backoff_s
from .source_rows import (
    StoredSecret,
    StoredSource,
    add_secret,
    delete_source,
    insert_source,
    next_expiry_us,
    replace_secrets,
    set_disabled,
    sources_version,
    stored_sources,
    write_settings,
)
from .states import CANCELLABLE, CANCELLED, ENDED, OPEN, STATES
from .takeover import AbandonedRuns
from .throttles import take_turn, throttled
from .tombstones import (
    DELETE_CONFLICTS,
    ERASED,
    PRUNABLE,
    close_deliveries,
    empty_deliveries,
    end_abandoned,
    keep_places,
    leave_tombstones,
    may_have_runs,
)
from .troubles import PROCESSES, REDIS, Trouble, end_troubles, troubles

__all__ = [
    "BODY_BYTES",
    "CANCELLABLE",
    "CANCELLED",
    "CHANGED",
    "CLOCK_FACT",
    "CLOCK_SLACK_US",
    "DELETE_CONFLICTS",
    "DOWN",
    "ENDED",
    "ERASED",
    "FORWARD_FACT",
    "LEADER_LEASE_US",
    "LIVES",
    "OPEN",
    "PEN_HEADERS",
    "PROCESSES",
    "PRUNABLE",
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
    "End",
    "Hold",
    "Inbox",
    "Lost",
    "Penned",
    "Rejections",
    "StoredSecret",
    "StoredSource",
    "Trouble",
    "Verdict",
    "acquire_leadership",
    "add_secret",
    "backoff_s",
    "close_deliveries",
    "delete_source",
    "deliveries_of_day",
    "detail_text",
    "empty",
    "empty_deliveries",
    "end_abandoned",
    "end_troubles",
    "forget_days",
    "from_row",
    "handlers_on",
    "holds",
    "insert_source",
    "is_leader",
    "is_led",
    "is_marked",
    "keep_places",
    "last_led",
    "leader",
    "leave_tombstones",
    "let_go",
    "limit_waits",
    "lost_lives",
    "may_have_runs",
    "next_expiry_us",
    "open_day",
    "penned",
    "reasons_of",
    "release_leadership",
    "replace_secrets",
    "set_disabled",
    "sources_version",
    "stored_sources",
    "take_in",
    "take_turn",
    "throttled",
    "troubles",
    "try_changed",
    "undispatched_count",
    "waiting_for",
    "write_and_remove",
    "write_settings",
]
