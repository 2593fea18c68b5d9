"""What people do with what is kept: find, show, replay, cancel, pause, resume, erase, prune, and how it all stands.

Functions that take a database and return data; nothing is printed here.
"""

from ..inbox import CANCELLED, ERASED, STATES, is_led, sources_version
from ..inbox import is_marked as is_inboundflows
from ..registry import Activation, Lane
from ..store import Database
from .alarms import Alarm, alarms
from .arrivals import Arrival, arrivals_after, arrivals_of, newest_run
from .arrived import DayState, day_state, places_of, undispatched
from .at_once import EVERYTHING, cancel, cancelled, carry_out, replay, replayed
from .attending import attend
from .audit import NOBODY, Actor
from .businesses import (
    OVERLAP_S,
    Business,
    Routing,
    add_source,
    all_activations,
    all_sources,
    apply_source,
    businesses,
    change_settings,
    disable_source,
    make_key,
    path_of,
    remove_source,
    rotate_secret,
    seal_anew,
    single,
    source_names,
)
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
from .calls import UNARRIVED, Call, Day, day_of, events_of
from .cancel import Cancelled, Instead, LaneRuns, check_cancel, instead
from .checking import Checked as CheckedPlace
from .checking import begin_check, checks
from .checking import check as check_destination
from .chores import FAILED, ChoreRecord, chore_records
from .clock import KEEP_TIME, clock_oddities
from .commands import CALLED_AS, command, program, typed
from .concerns import LEAST_FREE, Concern, concerns
from .counted import Backlog, backlogs, received, undispatched_deliveries
from .day_counts import DayCounts, day_counts
from .days import open_days
from .degraded import degraded
from .diagnosis import findings
from .documents import lane_to_json, moment
from .environment import activations
from .erase import erase
from .finding import ADVICE, OK, PROBLEM, Finding, advice, fine, problem
from .folding import Behind, Folded, behind, business_zone, fold, fold_chore
from .health import Destination, Health, Unfinished, destinations, health, shown_url, unfinished
from .heard import Heard
from .held import Held, held, held_now
from .history import Deed, Wanted, doers, history, whole_history
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
from .lanes import label, place_of
from .learning import NewField, learn, new_fields
from .links import is_link, make_link, password_mark
from .listing import ListedCall, ListedPlace, by_call
from .lives import DEGRADED_FROM, UNSEEN, Lives, lives_lost, lives_problem
from .names import Named, named, named_exactly
from .outbox import Unsent, channels_of, send, sending, unsent
from .pages import COUNTED, KeptDelivery, KeptRun, Page, page
from .pauses import Paused, pause, pause_lanes, paused, resume
from .pen import empty_pen
from .places import Place, places
from .planning import drop, make_cancel, make_replay, make_resume
from .problems import NotArrived, NotSetUp, OnHold, Problems, Reason, TriedAgain, problems, problems_number, waiting_at
from .prune import Pruned, keep_retention, prune
from .receipts import Erased, place_line, receipt
from .receipts import Place as ErasedPlace
from .reception import Received, Refused, kept_aside, last_delivery, refused
from .recheck import DUPLICATE, LEFT_ASIDE, STORED, Checked, Rechecked, explained, is_genuine, mistake_text, recheck
from .replay import Left, Opened, Replayed, check_replay
from .routes import worker_differences, worker_differs
from .select import midnight_us, read_day, select
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
from .silence import Silence, listen, silences
from .similar import did_you_mean, handler_among, handler_named
from .sources import made_secret, single_source
from .steering import go_on, start, stop
from .subject import Subject, deliveries_kept, subject
from .tally import Tally, bounds, tally
from .text import MARKS, describe, events_text, place_text, state_text, states, table
from .unstored import stored_notice, unstored_notice, why_unstored
from .variables import Variable, variables
from .watching import watch
from .ways import Way, tell_test, ways_to_tell
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
    "DUPLICATE",
    "ENDED",
    "ERASED",
    "EVERYTHING",
    "FAILED",
    "IDLE_US",
    "KEEP_TIME",
    "LEAST_FREE",
    "LEFT",
    "LEFT_ASIDE",
    "LISTED_DAYS",
    "MARKS",
    "NAME_CHARS",
    "NOBODY",
    "OK",
    "OPENED",
    "OUTCOMES",
    "OVERLAP_S",
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
    "STORED",
    "UNARRIVED",
    "UNSEEN",
    "WAITS",
    "WAYS",
    "Activation",
    "Actor",
    "Alarm",
    "Arrival",
    "Attempt",
    "Backlog",
    "Behind",
    "Board",
    "Business",
    "Call",
    "CallPage",
    "CallRow",
    "CallShown",
    "Cancelled",
    "Checked",
    "CheckedPlace",
    "ChoreRecord",
    "Concern",
    "Database",
    "Day",
    "DayCounts",
    "DayState",
    "Deed",
    "Destination",
    "Erased",
    "ErasedPlace",
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
    "ListedCall",
    "ListedPlace",
    "Lives",
    "Mark",
    "Marked",
    "Named",
    "NewField",
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
    "Received",
    "Rechecked",
    "Refused",
    "Replayed",
    "Routing",
    "Selection",
    "Session",
    "ShownDelivery",
    "ShownRun",
    "Silence",
    "Subject",
    "Tally",
    "TooShort",
    "TriedAgain",
    "Unfinished",
    "Unsent",
    "Variable",
    "Waiting",
    "Wanted",
    "Way",
    "WorkOnJobs",
    "activations",
    "add_source",
    "advance",
    "advice",
    "alarms",
    "all_activations",
    "all_sources",
    "apply_source",
    "arrivals_after",
    "arrivals_of",
    "attend",
    "backlogs",
    "begin_check",
    "behind",
    "board",
    "bounds",
    "business_zone",
    "businesses",
    "by_call",
    "calls_page",
    "cancel",
    "cancelled",
    "carry_out",
    "change_settings",
    "channels_of",
    "check_cancel",
    "check_destination",
    "check_replay",
    "checks",
    "chore_records",
    "clock_oddities",
    "command",
    "concerns",
    "damage",
    "day_counts",
    "day_of",
    "day_state",
    "degraded",
    "deliveries_kept",
    "describe",
    "destinations",
    "did_you_mean",
    "disable_source",
    "doers",
    "drop",
    "empty_pen",
    "erase",
    "events_of",
    "events_text",
    "explained",
    "find_session",
    "findings",
    "fine",
    "fold",
    "fold_chore",
    "go_on",
    "handler_among",
    "handler_named",
    "health",
    "held",
    "held_now",
    "history",
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
    "kept_aside",
    "label",
    "lane_to_json",
    "last_delivery",
    "learn",
    "listen",
    "lives_lost",
    "lives_problem",
    "made_secret",
    "make_cancel",
    "make_key",
    "make_link",
    "make_replay",
    "make_resume",
    "mark",
    "marks_of",
    "midnight_us",
    "mistake_text",
    "moment",
    "named",
    "named_exactly",
    "new_fields",
    "newest_run",
    "note_late_ends",
    "note_look",
    "note_wrong_password",
    "one_call",
    "open_days",
    "page",
    "password_mark",
    "path_of",
    "pause",
    "pause_lanes",
    "paused",
    "place_line",
    "place_of",
    "place_text",
    "places",
    "places_of",
    "problem",
    "problems",
    "problems_number",
    "program",
    "prune",
    "read_day",
    "receipt",
    "received",
    "recheck",
    "refused",
    "remove_source",
    "replay",
    "replayed",
    "resume",
    "rotate_secret",
    "seal_anew",
    "seconds_at_pace",
    "secret_key",
    "select",
    "send",
    "sending",
    "set_up",
    "show",
    "shown_url",
    "sign_in",
    "sign_out",
    "signed_in",
    "silences",
    "single",
    "single_source",
    "source_names",
    "sources_version",
    "start",
    "state_text",
    "states",
    "stop",
    "stored_notice",
    "subject",
    "table",
    "tally",
    "tell_test",
    "the_running_job",
    "to_be_set_up",
    "typed",
    "undispatched",
    "undispatched_deliveries",
    "undo",
    "unfinished",
    "unsent",
    "unstored_notice",
    "usual_wait_s",
    "variables",
    "waiting_at",
    "watch",
    "ways_to_tell",
    "whole_history",
    "why_unstored",
    "windows",
    "with_details",
    "worker_differences",
    "worker_differs",
]
