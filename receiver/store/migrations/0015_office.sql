-- The deliveries of each business beside the one that the environment describes, by time.
CREATE INDEX deliveries_of_source ON deliveries (source, received_us) WHERE source <> '';

-- Who may use the dashboard, besides whoever has DASHBOARD_PASSWORD, which is the owner of everything.
-- A role is at one source, or at '*', which is all of them.
CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password TEXT NOT NULL,
    made_us INTEGER NOT NULL
);
CREATE TABLE roles (
    person INTEGER NOT NULL,
    source TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (person, source)
);
