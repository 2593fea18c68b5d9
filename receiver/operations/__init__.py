"""What people do with what is kept: find, show, replay, cancel, pause, resume, erase, prune, and how it all stands.

Functions that take a database and return data; nothing is printed here.
"""

from ..inbox import STATES
from .arrivals import Arrival, arrivals_after, arrivals_of, newest_run
from .calls import UNARRIVED, Call, Day, day_of, events_of
from .cancel import Cancelled, Instead, LaneRuns, cancel, check_cancel, instead
from .chores import FAILED, ChoreRecord, chore_records
from .clock import KEEP_TIME, clock_oddities
from .commands import CALLED_AS, command, program, typed
from .days import open_days
from .degraded import degraded
from .diagnosis import findings
from .documents import lane_to_json
from .erase import erase
from .finding import ADVICE, OK, PROBLEM, Finding, advice, fine, problem
from .health import Destination, Health, Unfinished, destinations, health, unfinished
from .held import Held, held, held_now
from .integrity import damage, inspect
from .lanes import label, place_of
from .listing import ListedCall, ListedPlace, by_call
from .lives import DEGRADED_FROM, UNSEEN, Lives, lives_lost, lives_problem
from .names import Named, named, named_exactly
from .pages import COUNTED, KeptDelivery, KeptRun, Page, page
from .pauses import Paused, pause, pause_lanes, paused, resume
from .pen import empty_pen
from .prune import Pruned, keep_retention, prune
from .receipts import Erased, receipt
from .recheck import Checked, Rechecked, explained, is_genuine, mistake_text, recheck
from .replay import Left, Opened, Replayed, check_replay, replay
from .routes import worker_differences, worker_differs
from .select import midnight_us, read_day, select
from .selection import Selection
from .setup import set_up, to_be_set_up
from .show import Attempt, ShownDelivery, ShownRun, show
from .similar import did_you_mean, handler_among, handler_named
from .sources import single_source
from .subject import Subject, deliveries_kept, subject
from .text import MARKS, describe, events_text, place_text, state_text, states, table
from .unstored import why_unstored

__all__ = [
    "ADVICE",
    "CALLED_AS",
    "COUNTED",
    "DEGRADED_FROM",
    "FAILED",
    "KEEP_TIME",
    "MARKS",
    "OK",
    "PROBLEM",
    "STATES",
    "UNARRIVED",
    "UNSEEN",
    "Arrival",
    "Attempt",
    "Call",
    "Cancelled",
    "Checked",
    "ChoreRecord",
    "Day",
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
    "ListedCall",
    "ListedPlace",
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
    "by_call",
    "cancel",
    "check_cancel",
    "check_replay",
    "chore_records",
    "clock_oddities",
    "command",
    "damage",
    "day_of",
    "degraded",
    "deliveries_kept",
    "describe",
    "destinations",
    "did_you_mean",
    "empty_pen",
    "erase",
    "events_of",
    "events_text",
    "explained",
    "findings",
    "fine",
    "handler_among",
    "handler_named",
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
    "midnight_us",
    "mistake_text",
    "named",
    "named_exactly",
    "newest_run",
    "open_days",
    "page",
    "pause",
    "pause_lanes",
    "paused",
    "place_of",
    "place_text",
    "problem",
    "program",
    "prune",
    "read_day",
    "receipt",
    "recheck",
    "replay",
    "resume",
    "select",
    "set_up",
    "show",
    "single_source",
    "state_text",
    "states",
    "subject",
    "table",
    "to_be_set_up",
    "typed",
    "unfinished",
    "why_unstored",
    "worker_differences",
    "worker_differs",
]
