"""Pictures for the docs, drawn from what handlers really sent to the played destinations."""
