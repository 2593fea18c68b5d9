"""What people do with what is kept: find, show, replay, cancel, pause, resume, erase, prune, and how it all stands.

Functions that take a database and return data; nothing is printed here.
"""

from ..inbox import CANCELLED, ERASED, STATES, sources_version
from ..inbox import is_marked as is_inboundflows
from ..registry import Activation, Lane
from ..store import Database
from .alarms import Alarm, alarms
from .arrivals import Arrival, arrivals_after, arrivals_of, newest_run
from .arrived import DayState, day_state, places_of, undispatched
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
from .environment import activations
from .erase import erase
from .finding import ADVICE, OK, PROBLEM, Finding, advice, fine, problem
from .folding import Behind, Folded, behind, business_zone, fold, fold_chore
from .health import Destination, Health, Unfinished, destinations, health, unfinished
from .heard import Heard
from .held import Held, held, held_now
from .history import Deed, Wanted, doers, history, whole_history
from .integrity import damage, inspect
from .lanes import label
from .learning import NewField, learn, new_fields
from .links import is_link, make_link, password_mark
from .lives import DEGRADED_FROM, UNSEEN, Lives, lives_lost, lives_problem
from .names import Named, named, named_exactly
from .outbox import Unsent, channels_of, send, sending, unsent
from .pages import COUNTED, KeptDelivery, KeptRun, Page, page
from .pauses import Paused, pause, pause_lanes, paused, resume
from .pen import empty_pen
from .prune import Pruned, keep_retention, prune
from .receipts import Erased, receipt
from .reception import Received, Refused, kept_aside, last_delivery, refused
from .recheck import DUPLICATE, LEFT, STORED, Checked, Rechecked, explained, is_genuine, recheck
from .replay import Left, Opened, Replayed, check_replay, replay
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
from .silence import Silence, listen, silences
from .sources import made_secret, single_source
from .subject import Subject, subject
from .tally import Tally, bounds, tally
from .text import describe, moment, states, table
from .unstored import stored_notice, unstored_notice, why_unstored
from .variables import Variable, variables
from .watching import watch
from .ways import Way, tell_test, ways_to_tell

__all__ = [
    "ADVICE",
    "CALLED_AS",
    "CANCELLED",
    "COUNTED",
    "DEGRADED_FROM",
    "DUPLICATE",
    "ERASED",
    "FAILED",
    "IDLE_US",
    "KEEP_TIME",
    "LEAST_FREE",
    "LEFT",
    "LISTED_DAYS",
    "NAME_CHARS",
    "NOBODY",
    "OK",
    "OUTCOMES",
    "OVERLAP_S",
    "PROBLEM",
    "SEEN_EVERY_US",
    "STATES",
    "STORED",
    "UNSEEN",
    "WAYS",
    "Activation",
    "Actor",
    "Alarm",
    "Arrival",
    "Attempt",
    "Behind",
    "Board",
    "Business",
    "CallPage",
    "CallRow",
    "CallShown",
    "Cancelled",
    "Checked",
    "ChoreRecord",
    "Concern",
    "Database",
    "DayCounts",
    "DayState",
    "Deed",
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
    "KeptDelivery",
    "KeptRun",
    "Lane",
    "LaneRuns",
    "Left",
    "Lives",
    "Mark",
    "Marked",
    "Named",
    "NewField",
    "OneCall",
    "Opened",
    "Page",
    "Paused",
    "Pruned",
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
    "Unfinished",
    "Unsent",
    "Variable",
    "Waiting",
    "Wanted",
    "Way",
    "activations",
    "add_source",
    "advice",
    "alarms",
    "all_activations",
    "all_sources",
    "apply_source",
    "arrivals_after",
    "arrivals_of",
    "attend",
    "behind",
    "board",
    "bounds",
    "business_zone",
    "businesses",
    "calls_page",
    "cancel",
    "change_settings",
    "channels_of",
    "check_cancel",
    "check_replay",
    "chore_records",
    "clock_oddities",
    "command",
    "concerns",
    "damage",
    "day_counts",
    "day_state",
    "degraded",
    "describe",
    "destinations",
    "disable_source",
    "doers",
    "empty_pen",
    "erase",
    "explained",
    "find_session",
    "findings",
    "fine",
    "fold",
    "fold_chore",
    "health",
    "held",
    "held_now",
    "history",
    "inspect",
    "instead",
    "is_genuine",
    "is_inboundflows",
    "is_link",
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
    "make_key",
    "make_link",
    "mark",
    "marks_of",
    "moment",
    "named",
    "named_exactly",
    "new_fields",
    "newest_run",
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
    "places_of",
    "problem",
    "program",
    "prune",
    "receipt",
    "recheck",
    "refused",
    "remove_source",
    "replay",
    "resume",
    "rotate_secret",
    "seal_anew",
    "secret_key",
    "select",
    "send",
    "sending",
    "set_up",
    "show",
    "sign_in",
    "sign_out",
    "signed_in",
    "silences",
    "single",
    "single_source",
    "source_names",
    "sources_version",
    "states",
    "stored_notice",
    "subject",
    "table",
    "tally",
    "tell_test",
    "to_be_set_up",
    "typed",
    "undispatched",
    "undo",
    "unfinished",
    "unsent",
    "unstored_notice",
    "usual_wait_s",
    "variables",
    "watch",
    "ways_to_tell",
    "whole_history",
    "why_unstored",
    "with_details",
    "worker_differences",
    "worker_differs",
]
