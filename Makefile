# Tunesmith. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo stack images up down test check frontend dev client pictures bench clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-9s %s\n", $$1, $$2}'

# The lock file decides what is installed; the marker is newer than the lock once that is done.
$(VENV)/.ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tunesmith needs Python 3.11 or newer; this is $$($(PYTHON) --version). Set PYTHON=python3.11, for example." >&2; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV) || { echo "Making .venv failed. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@[ -x $(BIN)/uv ] || $(BIN)/python -m pip install --quiet uv
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/$(VENV) $(BIN)/uv sync --frozen --quiet --compile-bytecode
	@touch $@

setup: $(VENV)/.ready ## install Tunesmith into .venv

# The stack's dashboard is built in its image.
ifeq ($(RUNTIME),docker)
demo: stack
else
demo: frontend
endif
demo: setup ## train, release, check and serve a small model; ask it and its base the same questions (RUNTIME=docker: on the stack)
	@$(BIN)/tunesmith demo

# Images: published ones, or your own choice by COMPOSE_FILE (docs/stack.md).
stack: ## start the Compose stack and wait until all of it is healthy
	@docker compose up -d --wait

images: ## build every image of the stack from packages (no image registry; 15 to 25 minutes on 2 cores)
	@compose/packages/build.sh

frontend: setup ## build the dashboard into frontend/dist, unless that was made from just these sources
	@frontend/build.sh

dev: setup ## the orchestrator, and the dashboard with hot reload at http://localhost:5173; Ctrl-C ends both
	@frontend/dev.sh

up: setup frontend ## start Tunesmith and print its address
	@$(BIN)/tunesmith up

down: setup ## stop Tunesmith
	@$(BIN)/tunesmith down

test: setup ## every layer of tests that this machine can run, with its time (FAST=1: what one runs while working)
	@$(BIN)/python tests/layers.py $(if $(filter-out 0,$(FAST)),fast)

check: setup ## lint, types, unit and native contract tests, in a minute (no toolbox needed)
	@$(BIN)/python tests/layers.py check quick

pictures: setup frontend ## draw the pictures of the docs anew, from a training and a release made for them (needs Chromium)
	@cd tests && ../$(BIN)/python -m browser.pictures ../docs/pictures

client: setup ## generate the dashboard's API client from the API (frontend/openapi.json and src/client/schema.d.ts)
	@$(BIN)/python -m tunesmith.openapi_document frontend/openapi.json
	@frontend/packages.sh
	@frontend/node.sh npm run --silent client

bench: setup ## every benchmark, with its bar and verdict
	@$(BIN)/python tests/bench/run.py

clean: ## remove what this Makefile installed and built (not saves/, models/, data/)
	rm -rf $(VENV) frontend/node_modules frontend/.node frontend/dist
