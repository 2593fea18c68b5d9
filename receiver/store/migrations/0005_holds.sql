-- How the latest attempts of a lane ended, and what it waits for (inbox/holding.py). `failing` names runs that failed
-- in a row, a few of them; `probe_run` is the one run that tries a lane that is held.
ALTER TABLE throttles ADD COLUMN hold TEXT NOT NULL DEFAULT '';
ALTER TABLE throttles ADD COLUMN wait_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE throttles ADD COLUMN probe_run INTEGER NOT NULL DEFAULT 0;
ALTER TABLE throttles ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE throttles ADD COLUMN unreached INTEGER NOT NULL DEFAULT 0;
ALTER TABLE throttles ADD COLUMN failing TEXT NOT NULL DEFAULT '';
ALTER TABLE throttles ADD COLUMN failing_since_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE throttles ADD COLUMN reason TEXT NOT NULL DEFAULT '';
