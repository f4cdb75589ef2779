"""Tunesmith: from documents to a tuned model that answers in your own chat."""

__version__ = "0.1.0"
