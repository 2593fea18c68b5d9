"""What people do with what is kept: find, show, replay, cancel, pause, resume, erase, prune, and how it all stands.

Functions that take a database and return data; nothing is printed here.
"""

from ..inbox import STATES
from .arrivals import Arrival, arrivals_after, arrivals_of, newest_run
from .attending import attend
from .cancel import Cancelled, Instead, LaneRuns, cancel, check_cancel, instead
from .chores import FAILED, ChoreRecord, chore_records
from .clock import KEEP_TIME, clock_oddities
from .commands import CALLED_AS, command, program, typed
from .concerns import LEAST_FREE, Concern, concerns
from .day_counts import DayCounts, day_counts
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
from .learning import NewField, learn, new_fields
from .lives import DEGRADED_FROM, UNSEEN, Lives, lives_lost, lives_problem
from .names import Named, named, named_exactly
from .outbox import Unsent, channels_of, send, sending, unsent
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
from .silence import Silence, listen, silences
from .sources import single_source
from .subject import Subject, subject
from .text import describe, moment, states, table
from .unstored import stored_notice, unstored_notice, why_unstored
from .watching import watch
from .ways import Way, tell_test, ways_to_tell

__all__ = [
    "ADVICE",
    "CALLED_AS",
    "COUNTED",
    "DEGRADED_FROM",
    "FAILED",
    "KEEP_TIME",
    "LEAST_FREE",
    "OK",
    "PROBLEM",
    "STATES",
    "UNSEEN",
    "Arrival",
    "Attempt",
    "Cancelled",
    "Checked",
    "ChoreRecord",
    "Concern",
    "DayCounts",
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
    "NewField",
    "Opened",
    "Page",
    "Paused",
    "Pruned",
    "Rechecked",
    "Replayed",
    "Selection",
    "ShownDelivery",
    "ShownRun",
    "Silence",
    "Subject",
    "Unfinished",
    "Unsent",
    "Way",
    "advice",
    "arrivals_after",
    "arrivals_of",
    "attend",
    "cancel",
    "channels_of",
    "check_cancel",
    "check_replay",
    "chore_records",
    "clock_oddities",
    "command",
    "concerns",
    "damage",
    "day_counts",
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
    "learn",
    "listen",
    "lives_lost",
    "lives_problem",
    "moment",
    "named",
    "named_exactly",
    "new_fields",
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
    "recheck",
    "replay",
    "resume",
    "select",
    "send",
    "sending",
    "set_up",
    "show",
    "silences",
    "single_source",
    "states",
    "stored_notice",
    "subject",
    "table",
    "tell_test",
    "to_be_set_up",
    "typed",
    "unfinished",
    "unsent",
    "unstored_notice",
    "watch",
    "ways_to_tell",
    "why_unstored",
    "worker_differences",
    "worker_differs",
]
