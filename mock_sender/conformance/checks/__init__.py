"""The checks, a file for each group. Importing them fills the table."""

from . import acceptance, authenticity, bad_input, duplicates, freshness, policy, speed, tolerance

__all__ = ["acceptance", "authenticity", "bad_input", "duplicates", "freshness", "policy", "speed", "tolerance"]
