# Tunesmith. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo up down test check bench clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-8s %s\n", $$1, $$2}'

# The lock file decides what is installed; the marker is newer than the lock once that is done.
$(VENV)/.ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tunesmith needs Python 3.11 or newer; this is $$($(PYTHON) --version). Set PYTHON=python3.11, for example." >&2; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV) || { echo "Making .venv failed. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@[ -x $(BIN)/uv ] || $(BIN)/python -m pip install --quiet uv
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/$(VENV) $(BIN)/uv sync --frozen --quiet --compile-bytecode
	@touch $@

setup: $(VENV)/.ready ## install Tunesmith into .venv

demo: setup ## train, release, check and serve a small model; ask it and its base the same questions
	@$(BIN)/tunesmith demo

up: setup ## start Tunesmith and print its address
	@$(BIN)/tunesmith up

down: setup ## stop Tunesmith
	@$(BIN)/tunesmith down

test: setup ## every layer of tests that this machine can run, with its time
	@$(BIN)/python tests/layers.py

check: setup ## lint, types, unit and contract tests (no toolbox needed)
	@$(BIN)/python tests/layers.py check unit contract

bench: setup ## every benchmark, with its bar and verdict
	@$(BIN)/python tests/bench/run.py

clean: ## remove what this Makefile installed (not saves/, models/, data/)
	rm -rf $(VENV)
