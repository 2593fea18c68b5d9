-- Who may read the deliveries of a source by the API. Of a token only its SHA-256 is kept.
CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    used_us INTEGER
);
-- The API lists a source's deliveries in the order in which they were stored; `event` spares it a look at each row.
CREATE INDEX deliveries_of_a_source ON deliveries (source, id, event);
