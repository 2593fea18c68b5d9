-- A tombstone: since then no run of the delivery is opened, and its content is gone, or goes once no attempt is running.
ALTER TABLE deliveries ADD COLUMN erased_us INTEGER;
