"""easy-dataset as far as it was recorded: its answers over HTTP, from tests/recorded/easy-dataset. Standard library only."""
