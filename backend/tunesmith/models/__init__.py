"""Bringing base models in."""
