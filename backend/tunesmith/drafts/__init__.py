"""Forms that were begun and not sent yet."""
