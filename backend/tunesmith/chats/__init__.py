"""The history of the chat page."""
