-- What belongs to a source carries its name; '' is the single business. What failed carries a slug (inbox/states.py).
-- An older version may still write these tables: it finds `pauses` as it knows it, and keeps `paces` and `rejections`
-- for itself. Those two are dropped a release later.
ALTER TABLE runs ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN failure TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN failure TEXT NOT NULL DEFAULT '';
CREATE INDEX runs_open_in_lane ON runs (source, handler, target, state, next_attempt_us)
    WHERE state IN ('pending', 'queued', 'running', 'retrying');
CREATE INDEX runs_dead_in_lane ON runs (source, handler, target) WHERE state = 'dead';

CREATE TABLE pauses_4 (
    source TEXT NOT NULL DEFAULT '',
    handler TEXT NOT NULL,
    target TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL,
    since_us INTEGER NOT NULL,
    PRIMARY KEY (source, handler, target)
);
INSERT INTO pauses_4 (handler, target, reason, since_us) SELECT handler, target, reason, since_us FROM pauses;
DROP TABLE pauses;
ALTER TABLE pauses_4 RENAME TO pauses;

CREATE TABLE throttles (
    source TEXT NOT NULL DEFAULT '',
    handler TEXT NOT NULL,
    target TEXT NOT NULL DEFAULT '',
    next_us INTEGER NOT NULL DEFAULT 0,
    not_before_us INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (source, handler, target)
);
INSERT INTO throttles (handler, target, next_us, not_before_us)
    SELECT handler, target, next_us, held_until_us FROM paces;

CREATE TABLE rejection_counts (
    source TEXT NOT NULL DEFAULT '',
    minute INTEGER NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (source, minute, reason)
);
INSERT INTO rejection_counts (minute, reason, count) SELECT minute, reason, count FROM rejections;
ALTER TABLE rejection_samples ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN source TEXT NOT NULL DEFAULT '';

CREATE TABLE chores (
    name TEXT PRIMARY KEY,
    started_us INTEGER NOT NULL,
    ended_us INTEGER,
    problem TEXT NOT NULL DEFAULT ''
);
