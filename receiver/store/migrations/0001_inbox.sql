-- Times are UTC, integer microseconds, in columns ending _us.

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL DEFAULT '',
    key TEXT NOT NULL,
    event TEXT NOT NULL,
    organization_id TEXT,
    call_id TEXT,
    caller_phone TEXT,
    received_us INTEGER NOT NULL,
    dispatched_us INTEGER,
    body BLOB NOT NULL,
    received_body BLOB,
    headers TEXT NOT NULL,
    problems TEXT NOT NULL,
    UNIQUE (source, key)
);
CREATE INDEX deliveries_undispatched ON deliveries (id) WHERE dispatched_us IS NULL;

CREATE TABLE conflicts (
    id INTEGER PRIMARY KEY,
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    received_us INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (delivery_id, body)
);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    handler TEXT NOT NULL,
    target TEXT NOT NULL DEFAULT '',
    call_id TEXT,
    state TEXT NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'queued', 'running', 'succeeded', 'retrying', 'dead', 'skipped')),
    attempts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    next_attempt_us INTEGER NOT NULL,
    queued_us INTEGER,
    lease_owner TEXT,
    lease_until_us INTEGER,
    outcome TEXT,
    last_error TEXT,
    UNIQUE (delivery_id, handler, target)
);
CREATE INDEX runs_open ON runs (handler, target, state, next_attempt_us)
    WHERE state IN ('pending', 'queued', 'running', 'retrying');
CREATE INDEX runs_of_a_call ON runs (call_id, handler, target)
    WHERE state IN ('pending', 'queued', 'running', 'retrying');

CREATE TABLE attempts (
    run_id INTEGER NOT NULL REFERENCES runs (id),
    number INTEGER NOT NULL,
    started_us INTEGER NOT NULL,
    ended_us INTEGER,
    result TEXT,
    detail TEXT,
    PRIMARY KEY (run_id, number)
);

CREATE TABLE pauses (
    handler TEXT NOT NULL,
    target TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL,
    since_us INTEGER NOT NULL,
    PRIMARY KEY (handler, target)
);

CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    until_us INTEGER NOT NULL
);

CREATE TABLE rejections (
    minute INTEGER NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (minute, reason)
);

CREATE TABLE rejection_samples (
    id INTEGER PRIMARY KEY,
    received_us INTEGER NOT NULL,
    reason TEXT NOT NULL,
    headers TEXT NOT NULL
);
