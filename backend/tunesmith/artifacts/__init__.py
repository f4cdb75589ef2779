"""Artifacts: base models, adapters, merged models and GGUF files, found on disk and described without torch."""
