"""Handlers for tests: they write what they did to files in TOYS, and misbehave on request."""
