"""Tunesmith: from documents to a tuned model that answers in your own chat."""
