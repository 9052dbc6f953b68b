"""What an answer rests on, noted while it is made, and whether it would still be the same."""
