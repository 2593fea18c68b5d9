-- What somebody has many runs done with (operations/jobs.py), and the runs it is about, as they were when it was shown.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    selection TEXT NOT NULL,
    repeats INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    who TEXT NOT NULL DEFAULT '',
    place INTEGER NOT NULL DEFAULT 0,
    made_us INTEGER NOT NULL,
    started_us INTEGER,
    ended_us INTEGER
);
CREATE INDEX jobs_at_work ON jobs (id) WHERE state IN ('counting', 'running', 'stopping');

CREATE TABLE job_runs (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL,
    made_us INTEGER NOT NULL,
    delivery_id INTEGER NOT NULL,
    source TEXT NOT NULL,
    handler TEXT NOT NULL,
    target TEXT NOT NULL,
    how TEXT NOT NULL,
    was TEXT NOT NULL,
    twice INTEGER NOT NULL DEFAULT 0,
    why TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    run_id INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    next_attempt_us INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX job_runs_of ON job_runs (job_id, state, source, handler, target, id);
CREATE INDEX job_runs_made ON job_runs (made_us);

-- Under which settings a destination refused; a pause by hand has none.
ALTER TABLE pauses ADD COLUMN settings_mark TEXT NOT NULL DEFAULT '';
