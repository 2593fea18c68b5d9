"""What tests and benchmarks share: verbs, processes, servers."""
