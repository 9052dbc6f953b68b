"""`python -m mnemos`, where the command is not on the path."""

from mnemos.cli import main

main()
