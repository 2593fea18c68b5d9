-- Persons that somebody wants erased (operations/erasing.py): whom is written down until it is done, and no longer.
CREATE TABLE erasures (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    subject TEXT NOT NULL,
    receipt TEXT NOT NULL DEFAULT '',
    problem TEXT NOT NULL DEFAULT '',
    at_destinations INTEGER NOT NULL DEFAULT 0,
    who TEXT NOT NULL DEFAULT '',
    made_us INTEGER NOT NULL,
    ended_us INTEGER
);
CREATE INDEX erasures_at_work ON erasures (id) WHERE state IN ('looking', 'erasing', 'clearing');
