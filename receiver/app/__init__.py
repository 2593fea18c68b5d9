"""Builds the web process from its parts, and serves it. Imports none of them: the supervisor needs the door alone."""
