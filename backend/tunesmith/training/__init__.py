"""Trainings: their typed configuration, what LLaMA-Factory makes of it, and the runs and metrics found on disk."""
