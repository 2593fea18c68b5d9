"""What people do with what is kept: find, show, replay, cancel, pause, resume, erase, prune, and how it all stands.

Functions that take a database and return data; nothing is printed here.
"""

from ..inbox import CANCELLED, ERASED, STATES, is_led
from ..inbox import is_marked as is_inboundflows
from ..registry import Activation, Lane
from ..store import Database
from .alarms import Alarm, alarms
from .arrivals import Arrival, arrivals_after, arrivals_of, newest_run
from .arrived import DayState, day_state, places_of, undispatched
from .at_once import EVERYTHING, cancel, cancelled, carry_out, replay, replayed
from .audit import NOBODY, Actor
from .call_lists import (
    OUTCOMES,
    CallPage,
    CallRow,
    CallShown,
    Filter,
    Happening,
    OneCall,
    TooShort,
    calls_page,
    one_call,
    with_details,
)
from .callbacks import LISTED_DAYS, WAYS, Board, Mark, Marked, Waiting, board, mark, marks_of, undo, usual_wait_s
from .cancel import Cancelled, Instead, LaneRuns, check_cancel, instead
from .checking import Checked as CheckedPlace
from .checking import begin_check, checks
from .checking import check as check_destination
from .chores import FAILED, ChoreRecord, chore_records
from .clock import KEEP_TIME, clock_oddities
from .commands import CALLED_AS, command, program, typed
from .days import open_days
from .degraded import degraded
from .diagnosis import findings
from .documents import lane_to_json
from .environment import activations
from .erase import erase
from .finding import ADVICE, OK, PROBLEM, Finding, advice, fine, problem
from .folding import Behind, Folded, behind, business_zone, fold, fold_chore
from .health import Destination, Health, Unfinished, destinations, health, shown_url, unfinished
from .heard import Heard
from .held import Held, held, held_now
from .integrity import damage, inspect
from .jobs import (
    ARRIVED,
    CANCEL,
    COUNTING,
    DONE,
    ENDED,
    LEFT,
    OPENED,
    PLANNED,
    READY,
    REPLAY,
    RESUME,
    RUNNING,
    STOPPED,
    STOPPING,
    WAITS,
    Job,
    JobCount,
    job,
    jobs,
    seconds_at_pace,
    the_running_job,
)
from .jobs import FAILED as DID_NOT_ARRIVE
from .lanes import label
from .links import is_link, make_link, password_mark
from .lives import DEGRADED_FROM, UNSEEN, Lives, lives_lost, lives_problem
from .names import Named, named, named_exactly
from .pages import COUNTED, KeptDelivery, KeptRun, Page, page
from .pauses import Paused, pause, pause_lanes, paused, resume
from .pen import empty_pen
from .places import Place, places
from .planning import drop, make_cancel, make_replay, make_resume
from .problems import NotArrived, NotSetUp, OnHold, Problems, Reason, TriedAgain, problems, problems_number, waiting_at
from .prune import Pruned, keep_retention, prune
from .receipts import Erased, receipt
from .recheck import Checked, Rechecked, explained, is_genuine, recheck
from .replay import Left, Opened, Replayed, check_replay
from .routes import worker_differences, worker_differs
from .select import select
from .selection import Selection
from .sessions import (
    IDLE_US,
    NAME_CHARS,
    SEEN_EVERY_US,
    Session,
    find_session,
    keep_session,
    note_look,
    note_wrong_password,
    secret_key,
    sign_in,
    sign_out,
    signed_in,
)
from .setup import set_up, to_be_set_up
from .show import Attempt, ShownDelivery, ShownRun, show
from .sources import single_source
from .steering import go_on, start, stop
from .subject import Subject, subject
from .tally import Tally, bounds, tally
from .text import describe, moment, states, table
from .unstored import why_unstored
from .working import WorkOnJobs, advance, note_late_ends, windows

__all__ = [
    "ADVICE",
    "ARRIVED",
    "CALLED_AS",
    "CANCEL",
    "CANCELLED",
    "COUNTED",
    "COUNTING",
    "DEGRADED_FROM",
    "DID_NOT_ARRIVE",
    "DONE",
    "ENDED",
    "ERASED",
    "EVERYTHING",
    "FAILED",
    "IDLE_US",
    "KEEP_TIME",
    "LEFT",
    "LISTED_DAYS",
    "NAME_CHARS",
    "NOBODY",
    "OK",
    "OPENED",
    "OUTCOMES",
    "PLANNED",
    "PROBLEM",
    "READY",
    "REPLAY",
    "RESUME",
    "RUNNING",
    "SEEN_EVERY_US",
    "STATES",
    "STOPPED",
    "STOPPING",
    "UNSEEN",
    "WAITS",
    "WAYS",
    "Activation",
    "Actor",
    "Alarm",
    "Arrival",
    "Attempt",
    "Behind",
    "Board",
    "CallPage",
    "CallRow",
    "CallShown",
    "Cancelled",
    "Checked",
    "CheckedPlace",
    "ChoreRecord",
    "Database",
    "DayState",
    "Destination",
    "Erased",
    "Filter",
    "Finding",
    "Folded",
    "Happening",
    "Health",
    "Heard",
    "Held",
    "Instead",
    "Job",
    "JobCount",
    "KeptDelivery",
    "KeptRun",
    "Lane",
    "LaneRuns",
    "Left",
    "Lives",
    "Mark",
    "Marked",
    "Named",
    "NotArrived",
    "NotSetUp",
    "OnHold",
    "OneCall",
    "Opened",
    "Page",
    "Paused",
    "Place",
    "Problems",
    "Pruned",
    "Reason",
    "Rechecked",
    "Replayed",
    "Selection",
    "Session",
    "ShownDelivery",
    "ShownRun",
    "Subject",
    "Tally",
    "TooShort",
    "TriedAgain",
    "Unfinished",
    "Waiting",
    "WorkOnJobs",
    "activations",
    "advance",
    "advice",
    "alarms",
    "arrivals_after",
    "arrivals_of",
    "begin_check",
    "behind",
    "board",
    "bounds",
    "business_zone",
    "calls_page",
    "cancel",
    "cancelled",
    "carry_out",
    "check_cancel",
    "check_destination",
    "check_replay",
    "checks",
    "chore_records",
    "clock_oddities",
    "command",
    "damage",
    "day_state",
    "degraded",
    "describe",
    "destinations",
    "drop",
    "empty_pen",
    "erase",
    "explained",
    "find_session",
    "findings",
    "fine",
    "fold",
    "fold_chore",
    "go_on",
    "health",
    "held",
    "held_now",
    "inspect",
    "instead",
    "is_genuine",
    "is_inboundflows",
    "is_led",
    "is_link",
    "job",
    "jobs",
    "keep_retention",
    "keep_session",
    "label",
    "lane_to_json",
    "lives_lost",
    "lives_problem",
    "make_cancel",
    "make_link",
    "make_replay",
    "make_resume",
    "mark",
    "marks_of",
    "moment",
    "named",
    "named_exactly",
    "newest_run",
    "note_late_ends",
    "note_look",
    "note_wrong_password",
    "one_call",
    "open_days",
    "page",
    "password_mark",
    "pause",
    "pause_lanes",
    "paused",
    "places",
    "places_of",
    "problem",
    "problems",
    "problems_number",
    "program",
    "prune",
    "receipt",
    "recheck",
    "replay",
    "replayed",
    "resume",
    "seconds_at_pace",
    "secret_key",
    "select",
    "set_up",
    "show",
    "shown_url",
    "sign_in",
    "sign_out",
    "signed_in",
    "single_source",
    "start",
    "states",
    "stop",
    "subject",
    "table",
    "tally",
    "the_running_job",
    "to_be_set_up",
    "typed",
    "undispatched",
    "undo",
    "unfinished",
    "usual_wait_s",
    "waiting_at",
    "why_unstored",
    "windows",
    "with_details",
    "worker_differences",
    "worker_differs",
]
