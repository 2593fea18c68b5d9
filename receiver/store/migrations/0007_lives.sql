-- How InboundFlow's requests were answered, as far as that has to be known, and those that were refused.
CREATE TABLE lost_lives (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    reason TEXT NOT NULL
);

CREATE TABLE organizations (
    source TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    answered_us INTEGER NOT NULL,
    deliveries INTEGER NOT NULL,
    PRIMARY KEY (source, organization_id)
);

CREATE TABLE pen (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    received_us INTEGER NOT NULL,
    reason TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX pen_received ON pen (source, received_us);
