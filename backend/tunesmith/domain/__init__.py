"""The nouns of Tunesmith as pure types. No input or output happens here, and nothing here imports another part."""
