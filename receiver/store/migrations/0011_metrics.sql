-- What all processes have counted together, and which of them live (receiver/telemetry). `labels` is a JSON list.
CREATE TABLE metrics (
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (name, labels)
);

CREATE TABLE heartbeats (
    process TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    seen_us INTEGER NOT NULL
);
