-- What the dashboard shows of calls, made from deliveries (operations/calls.py), and what people do there.
-- `phone_back` is the digits of the caller's number from the last to the first, `day` and `hour` are the business's.
CREATE TABLE calls (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    call_id TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    day TEXT NOT NULL,
    hour INTEGER NOT NULL,
    phone_back TEXT NOT NULL,
    caller_name TEXT NOT NULL,
    completed INTEGER NOT NULL,
    booked INTEGER NOT NULL,
    transferred INTEGER NOT NULL,
    lead INTEGER NOT NULL,
    urgency INTEGER NOT NULL,
    seconds INTEGER,
    wants INTEGER NOT NULL,
    ended_us INTEGER NOT NULL,
    UNIQUE (source, call_id)
);
CREATE INDEX calls_at ON calls (source, at_us, id);
CREATE INDEX calls_day ON calls (source, day, hour, completed, booked, transferred, lead);
CREATE INDEX calls_wanting ON calls (source, at_us, id) WHERE wants = 1;
CREATE INDEX calls_leads ON calls (source, at_us, id) WHERE lead = 1 AND booked = 0;
CREATE INDEX calls_by_age ON calls (at_us, id);
CREATE INDEX calls_phone ON calls (phone_back, id);

CREATE TABLE call_words (
    word TEXT NOT NULL,
    call INTEGER NOT NULL,
    PRIMARY KEY (word, call)
);
CREATE INDEX call_words_of ON call_words (call, word);

-- What somebody did about a call; append only. The newest of a call that is not taken back counts.
CREATE TABLE callbacks (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    call_id TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    what TEXT NOT NULL,
    note TEXT NOT NULL,
    who TEXT NOT NULL
);
CREATE INDEX callbacks_of ON callbacks (source, call_id, id);
CREATE INDEX callbacks_at ON callbacks (source, at_us, id);

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    seen_us INTEGER NOT NULL,
    password_mark TEXT NOT NULL,
    data TEXT NOT NULL
);

ALTER TABLE audit ADD COLUMN who TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN session INTEGER;
CREATE INDEX audit_at ON audit (at_us, id);

CREATE INDEX deliveries_of_event ON deliveries (event, received_us, id);
CREATE INDEX runs_dead_by_age ON runs (source, handler, target, id) WHERE state = 'dead';
