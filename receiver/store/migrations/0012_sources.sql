-- Businesses beside the one that the environment describes. What is secret is sealed (receiver/sealing.py).
CREATE TABLE sources (
    name TEXT PRIMARY KEY,
    settings TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    disabled_us INTEGER
);

CREATE TABLE source_secrets (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    secret TEXT NOT NULL,
    added_us INTEGER NOT NULL,
    until_us INTEGER
);
CREATE INDEX source_secrets_of ON source_secrets (source);
