"""`python -m mock_sender`."""

from .cli import main

main()
