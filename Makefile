# Everything a developer or CI runs. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
UV_VERSION := 0.13.8
UV := .cache/uv/bin/uv
UV_HERE := .cache/uv/.is-$(UV_VERSION)
BIN := .venv/bin
WEB := platform/mnemos/web/.built

export UV_PYTHON_DOWNLOADS := never
export VIRTUAL_ENV := $(CURDIR)/.venv

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-15s %s\n", $$1, $$2}'

run: .venv/.runtime web  ## Install what Mnemos needs, build its UI, and serve it (ARGS="--port 9000")
	@exec $(BIN)/mnemos serve $(ARGS)

test: venv web clients  ## Run the tests with coverage, a file a worker (ARGS="tests/graph -k log -n 0")
	@$(BIN)/python -m pytest -n auto --dist loadfile --cov --cov-report=term $(ARGS)

faults: venv  ## Cause every fault at its full length (the short form is part of `make test`)
	@FAULTS=long $(BIN)/python -m pytest -n 0 -o faulthandler_timeout=0 tests/faults $(ARGS)

check: lint types layers contract ui test  ## Everything CI runs, in the order that fails fastest

lint: venv  ## Check format and lint, changing nothing
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .
	@$(BIN)/hadolint Dockerfile && $(BIN)/shellcheck .ci/run

fix: venv  ## Format, and mend what can be mended
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

types: venv  ## Type-check strictly
	@$(BIN)/mypy

layers: venv  ## Check that imports point one way
	@$(BIN)/lint-imports

contract: venv  ## Compare the schema that is served with schema/contract
	@$(BIN)/python -m pytest -q tests/schema/test_contract.py

conformance: venv clients  ## Check the API with clients and suites that others wrote
	@$(BIN)/python -m pytest -n 0 tests/clients $(ARGS)

ui: frontend/node_modules/.installed  ## Type-check and lint the web UI
	@cd frontend && npm run --silent check

bench: venv web  ## Measure (figures with the machine's load and a baseline of the same run)
	@$(BIN)/python -m tests.benchmarks $(ARGS)

bench-stack: venv web  ## Measure with Neo4j, Chroma and Redis, beside the same within one process
	@$(BIN)/python -m tests.benchmarks.stack $(ARGS)

bench-live: venv web  ## Measure live delivery, beside plain Strawberry
	@$(BIN)/python -m tests.benchmarks.live $(ARGS)

extraction-eval: venv  ## Score extraction (ARGS="--model anthropic:claude-haiku-5-5", with its key)
	@$(BIN)/python -m tests.extraction --all $(ARGS)

lock: $(UV_HERE)  ## Write the hashed locks again (ARGS="--upgrade")
	$(UV) pip compile $(LOCK_FLAGS) --group model pyproject.toml -o requirements.lock $(ARGS)
	$(UV) pip compile $(LOCK_FLAGS) --group model --group dev --constraint requirements.lock \
	  pyproject.toml -o requirements-dev.lock $(ARGS)

LOCK_FLAGS := --quiet --universal --python-version 3.11 --generate-hashes \
  --custom-compile-command "make lock"

# Below: what the targets above stand on. Each leaves a file, so that a second run has nothing to do.

venv: .venv/.development

$(UV_HERE):
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else \
	  f"Mnemos needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}. Name another: make PYTHON=python3.11")'
	$(PYTHON) -m pip install --quiet --upgrade --target .cache/uv uv==$(UV_VERSION)
	@touch $@

.venv/pyvenv.cfg: | $(UV_HERE)
	$(UV) venv --quiet --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv

# The runtime lock is installed, never synced: a sync would throw the development tools out.
.venv/.runtime: requirements.lock pyproject.toml | .venv/pyvenv.cfg
	$(UV) pip install --quiet --require-hashes -r requirements.lock
	$(UV) pip install --quiet --no-deps --editable .
	@touch $@

.venv/.development: requirements-dev.lock pyproject.toml | .venv/pyvenv.cfg
	$(UV) pip sync --quiet --require-hashes requirements-dev.lock
	$(UV) pip install --quiet --no-deps --editable .
	@touch $@

ifneq ($(wildcard frontend/package.json),)
web: $(WEB)
else
web:
endif

frontend/node_modules/.installed: frontend/package.json frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund
	@mkdir -p $(@D) && touch $@

$(WEB): frontend/node_modules/.installed $(shell find frontend -type f \
  -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
	cd frontend && npm run build
	@mkdir -p $(@D) && touch $@

clients: tests/clients/node_modules/.installed

tests/clients/node_modules/.installed: tests/clients/package.json tests/clients/package-lock.json
	cd tests/clients && npm ci --no-audit --no-fund
	@touch $@

.PHONY: help run test check lint fix types layers contract ui bench bench-live faults conformance lock venv web \
  clients extraction-eval
