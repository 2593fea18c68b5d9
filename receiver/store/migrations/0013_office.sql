-- The deliveries of each business beside the one that the environment describes, by time.
CREATE INDEX deliveries_of_source ON deliveries (source, received_us) WHERE source <> '';
