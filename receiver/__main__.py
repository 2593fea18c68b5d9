"""`python -m receiver`, for platforms that want no entry point on the path."""

from .cli import main

main()
