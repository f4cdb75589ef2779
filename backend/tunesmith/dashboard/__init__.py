"""The dashboard: the built files of `frontend/`, served at the orchestrator's own address."""
