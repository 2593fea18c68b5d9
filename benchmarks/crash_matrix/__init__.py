"""Kills the receiver at every step of a delivery's path, and counts what came of it on both sides."""
