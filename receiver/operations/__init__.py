"""What people do with what is kept: find, show, replay, cancel, pause, resume, erase, prune, and how it all stands.

Functions that take a database and return data; nothing is printed here.
"""

from ..inbox import STATES
from .arrivals import Arrival, arrivals_after, arrivals_of, newest_run
from .cancel import Cancelled, Instead, LaneRuns, cancel, check_cancel, instead
from .chores import FAILED, ChoreRecord, chore_records
from .clock import KEEP_TIME, clock_oddities
from .commands import CALLED_AS, command, program, typed
from .counted import Backlog, backlogs, received, undispatched
from .days import open_days
from .degraded import degraded
from .diagnosis import findings
from .documents import lane_to_json
from .erase import erase
from .finding import ADVICE, OK, PROBLEM, Finding, advice, fine, problem
from .health import Destination, Health, Unfinished, destinations, health, unfinished
from .held import Held, held, held_now
from .integrity import damage, inspect
from .lanes import label
from .lives import DEGRADED_FROM, UNSEEN, Lives, lives_lost, lives_problem
from .names import Named, named, named_exactly
from .pages import COUNTED, KeptDelivery, KeptRun, Page, page
from .pauses import Paused, pause, pause_lanes, paused, resume
from .pen import empty_pen
from .prune import Pruned, keep_retention, prune
from .receipts import Erased, receipt
from .recheck import Checked, Rechecked, explained, is_genuine, recheck
from .replay import Left, Opened, Replayed, check_replay, replay
from .routes import worker_differences, worker_differs
from .select import select
from .selection import Selection
from .setup import set_up, to_be_set_up
from .show import Attempt, ShownDelivery, ShownRun, show
from .sources import single_source
from .subject import Subject, subject
from .text import describe, moment, states, table
from .unstored import why_unstored

__all__ = [
    "ADVICE",
    "CALLED_AS",
    "COUNTED",
    "DEGRADED_FROM",
    "FAILED",
    "KEEP_TIME",
    "OK",
    "PROBLEM",
    "STATES",
    "UNSEEN",
    "Arrival",
    "Attempt",
    "Backlog",
    "Cancelled",
    "Checked",
    "ChoreRecord",
    "Destination",
    "Erased",
    "Finding",
    "Health",
    "Held",
    "Instead",
    "KeptDelivery",
    "KeptRun",
    "LaneRuns",
    "Left",
    "Lives",
    "Named",
    "Opened",
    "Page",
    "Paused",
    "Pruned",
    "Rechecked",
    "Replayed",
    "Selection",
    "ShownDelivery",
    "ShownRun",
    "Subject",
    "Unfinished",
    "advice",
    "arrivals_after",
    "arrivals_of",
    "backlogs",
    "cancel",
    "check_cancel",
    "check_replay",
    "chore_records",
    "clock_oddities",
    "command",
    "damage",
    "degraded",
    "describe",
    "destinations",
    "empty_pen",
    "erase",
    "explained",
    "findings",
    "fine",
    "health",
    "held",
    "held_now",
    "inspect",
    "instead",
    "is_genuine",
    "keep_retention",
    "label",
    "lane_to_json",
    "lives_lost",
    "lives_problem",
    "moment",
    "named",
    "named_exactly",
    "newest_run",
    "open_days",
    "page",
    "pause",
    "pause_lanes",
    "paused",
    "problem",
    "program",
    "prune",
    "receipt",
    "received",
    "recheck",
    "replay",
    "resume",
    "select",
    "set_up",
    "show",
    "single_source",
    "states",
    "subject",
    "table",
    "to_be_set_up",
    "typed",
    "undispatched",
    "unfinished",
    "why_unstored",
    "worker_differences",
    "worker_differs",
]
