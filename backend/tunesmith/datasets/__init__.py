"""Data sets: rows recognised line by line, and registered where LLaMA-Factory looks for them."""
