"""What people do with what is kept: find, show, replay, cancel, pause, resume, erase, prune, and how it all stands.

Functions that take a database and return data; nothing is printed here.
"""

from ..inbox import STATES, is_led
from .arrivals import Arrival, arrivals_after, arrivals_of, newest_run
from .at_once import EVERYTHING, cancel, cancelled, carry_out, replay, replayed
from .cancel import Cancelled, Instead, LaneRuns, check_cancel, instead
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
from .jobs import (
    ARRIVED,
    COUNTING,
    DONE,
    ENDED,
    LEFT,
    OPENED,
    PLANNED,
    READY,
    RUNNING,
    STOPPED,
    STOPPING,
    WAITS,
    Job,
    JobCount,
    job,
    jobs,
    the_running_job,
)
from .jobs import FAILED as DID_NOT_ARRIVE
from .lanes import label
from .lives import DEGRADED_FROM, UNSEEN, Lives, lives_lost, lives_problem
from .names import Named, named, named_exactly
from .pages import COUNTED, KeptDelivery, KeptRun, Page, page
from .pauses import Paused, pause, pause_lanes, paused, resume
from .pen import empty_pen
from .planning import drop, make_cancel, make_replay, make_resume
from .prune import Pruned, keep_retention, prune
from .receipts import Erased, receipt
from .recheck import Checked, Rechecked, explained, is_genuine, recheck
from .replay import Left, Opened, Replayed, check_replay
from .routes import worker_differences, worker_differs
from .select import select
from .selection import Selection
from .setup import set_up, to_be_set_up
from .show import Attempt, ShownDelivery, ShownRun, show
from .sources import single_source
from .steering import go_on, start, stop
from .subject import Subject, subject
from .text import describe, moment, states, table
from .unstored import why_unstored
from .working import WorkOnJobs, advance, note_late_ends, windows

__all__ = [
    "ADVICE",
    "ARRIVED",
    "CALLED_AS",
    "COUNTED",
    "COUNTING",
    "DEGRADED_FROM",
    "DID_NOT_ARRIVE",
    "DONE",
    "ENDED",
    "EVERYTHING",
    "FAILED",
    "KEEP_TIME",
    "LEFT",
    "OK",
    "OPENED",
    "PLANNED",
    "PROBLEM",
    "READY",
    "RUNNING",
    "STATES",
    "STOPPED",
    "STOPPING",
    "UNSEEN",
    "WAITS",
    "Arrival",
    "Attempt",
    "Cancelled",
    "Checked",
    "ChoreRecord",
    "Destination",
    "Erased",
    "Finding",
    "Health",
    "Held",
    "Instead",
    "Job",
    "JobCount",
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
    "WorkOnJobs",
    "advance",
    "advice",
    "arrivals_after",
    "arrivals_of",
    "cancel",
    "cancelled",
    "carry_out",
    "check_cancel",
    "check_replay",
    "chore_records",
    "clock_oddities",
    "command",
    "damage",
    "degraded",
    "describe",
    "destinations",
    "drop",
    "empty_pen",
    "erase",
    "explained",
    "findings",
    "fine",
    "go_on",
    "health",
    "held",
    "held_now",
    "inspect",
    "instead",
    "is_genuine",
    "is_led",
    "job",
    "jobs",
    "keep_retention",
    "label",
    "lane_to_json",
    "lives_lost",
    "lives_problem",
    "make_cancel",
    "make_replay",
    "make_resume",
    "moment",
    "named",
    "named_exactly",
    "newest_run",
    "note_late_ends",
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
    "replayed",
    "resume",
    "select",
    "set_up",
    "show",
    "single_source",
    "start",
    "states",
    "stop",
    "subject",
    "table",
    "the_running_job",
    "to_be_set_up",
    "typed",
    "unfinished",
    "why_unstored",
    "windows",
    "worker_differences",
    "worker_differs",
]
