CREATE TABLE paces (
    handler TEXT NOT NULL,
    target TEXT NOT NULL DEFAULT '',
    next_us INTEGER NOT NULL DEFAULT 0,
    held_until_us INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (handler, target)
);
