"""What is known of the inbox as a whole, by name: a line for each, which the next one replaces."""

NOTE = (
    "INSERT INTO facts (name, value, noted_us) VALUES (?, ?, ?) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value, noted_us = excluded.noted_us"
)
HANDLERS = "handlers"  # those that are on where the dispatcher runs
