-- Bodies are too large for a Postgres index, so the few conflicts of a delivery are compared when one is noted.
CREATE TABLE conflicts_2 (
    id INTEGER PRIMARY KEY,
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    received_us INTEGER NOT NULL,
    body BLOB NOT NULL
);
INSERT INTO conflicts_2 (delivery_id, received_us, body)
    SELECT delivery_id, received_us, body FROM conflicts ORDER BY id;
DROP TABLE conflicts;
ALTER TABLE conflicts_2 RENAME TO conflicts;
CREATE INDEX conflicts_of_a_delivery ON conflicts (delivery_id);

CREATE INDEX deliveries_received ON deliveries (received_us);
CREATE INDEX deliveries_of_a_call ON deliveries (call_id);
CREATE INDEX runs_dead ON runs (handler, target) WHERE state = 'dead';

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL
);

CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    noted_us INTEGER NOT NULL
);
