"""What the tests share: verbs, processes, servers."""
