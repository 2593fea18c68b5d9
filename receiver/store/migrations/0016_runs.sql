-- Waiting runs are looked for in one lane, which begins with its source. For that Postgres took this index at times,
-- which is without a source, and read the runs of all businesses. Those under way are few, and of any source.
DROP INDEX runs_open;
CREATE INDEX runs_running ON runs (handler) WHERE state = 'running';
