-- What is learned of what InboundFlow sends (operations/learning.py): how many calls came in each quarter of an hour,
-- and what is new to this version. Both are learned again where they are empty.
CREATE TABLE call_quarters (
    source TEXT NOT NULL DEFAULT '',
    quarter INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (source, quarter)
);

CREATE TABLE new_fields (
    source TEXT NOT NULL DEFAULT '',
    event TEXT NOT NULL,
    field TEXT NOT NULL,
    type TEXT NOT NULL,
    example TEXT NOT NULL,
    first_us INTEGER NOT NULL,
    PRIMARY KEY (source, event, field, type)
);

-- What needs somebody's attention, or did lately, with what was told of it (operations/concerns.py), and the messages,
-- one for each way by which they go out (operations/outbox.py).
CREATE TABLE concerns (
    source TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL,
    place TEXT NOT NULL DEFAULT '',
    details TEXT NOT NULL,
    since_us INTEGER NOT NULL,
    gone_us INTEGER NOT NULL DEFAULT 0,
    told_level INTEGER NOT NULL DEFAULT 0,
    last_level INTEGER NOT NULL DEFAULT 0,
    told_us INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (source, kind, place)
);

CREATE TABLE alerts (
    id INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    made_us INTEGER NOT NULL,
    notice TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    next_us INTEGER NOT NULL,
    ended_us INTEGER,
    problem TEXT NOT NULL DEFAULT ''
);
CREATE INDEX alerts_unsent ON alerts (channel, id) WHERE ended_us IS NULL;
