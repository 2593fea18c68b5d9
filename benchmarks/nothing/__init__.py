"""Handlers that do nothing, for benchmarks."""
