# Everything lives in .venv. Stamps in it say what was installed from the present pyproject.toml and
# constraints.txt: what cartrail needs to run, and what its tests and benchmarks need besides. A second run starts
# at once.

PYTHON ?= python3
# Two more than there are cores: every other process begins with the tests that wait, beside tests that compute.
WORKERS ?= $(shell $(PYTHON) -c "import os; print((os.cpu_count() or 1) + 2)")
ARGS ?=
# A process that is done takes tests over from the one that has most of them left.
SPREAD = --numprocesses $(WORKERS) --maxprocesses 8 --dist worksteal

VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.installed-run
TEST := $(VENV)/.installed-test
BENCH := $(VENV)/.installed-bench
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
.DEFAULT_GOAL := help
# Empty, so that what one process compiled is kept for the next, also in images that forbid it: each worker of the
# tests would else compile every test again, and each command they start the whole program.
export PYTHONDONTWRITEBYTECODE :=
.PHONY: help demo test test-fast test-long coverage lint types contracts bench figures picture ha tamper mutants clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(RUN)  ## a realistic network of therapies in a store of its own, then the terminal
	@echo "Opening the demo."
	@$(BIN)/cartrail demo $(ARGS)

test: $(TEST)  ## run all tests (ARGS="-k words" picks some, WORKERS=2 sets how many run at once)
	@echo "Running the tests."
	@$(BIN)/python -m pytest $(SPREAD) $(ARGS)

# What a change of a rule, an event or a label can break: no screen, no process, no other machine.
FAST := tests/schema tests/labels $(wildcard tests/test_*.py tests/tracker/test_kinds.py) \
  $(addprefix tests/tracker/,protocols registry requests rules therapy)

test-fast: $(TEST)  ## run the tests of rules, events, labels and kinds, which take less than a minute
	@echo "Running the fast tests."
	@$(BIN)/python -m pytest $(SPREAD) -m "not slow" $(FAST) $(ARGS)

test-long: $(TEST)  ## run all tests, with ten times as many random journeys and flipped bits
	@echo "Running the tests at full length."
	@$(BIN)/python -m pytest $(SPREAD) --hypothesis-profile long $(ARGS)

coverage: $(TEST)  ## run all tests and print which lines none of them reached (some minutes longer than make test)
	@echo "Running the tests under coverage."
	@rm -rf build/coverage && mkdir -p build/coverage
	@$(BIN)/python -m coverage run -m pytest $(SPREAD) $(ARGS)
	@$(BIN)/python -m coverage combine --quiet
	@$(BIN)/python -m coverage report --show-missing

lint: $(TEST)  ## check style and formatting
	@echo "Checking style and formatting with ruff."
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(TEST)  ## check types
	@echo "Checking types with mypy."
	@$(BIN)/mypy

contracts: $(TEST)  ## check which package may import which
	@echo "Checking the import contracts."
	@$(BIN)/lint-imports --no-cache

bench: $(BENCH)  ## measure against aims, floors and peers, in one table (ARGS="record verify" picks by name)
	@echo "Running the benchmarks."
	@$(BIN)/python -m tests.bench $(ARGS)

figures: $(TEST)  ## count modules, lines, imports and names (ARGS="--repo PATH" of another checkout, --names which)
	@$(BIN)/python -m tests.support.figures $(ARGS)

picture: $(TEST)  ## draw the picture of the packages in docs/design.md again, from their imports
	@$(BIN)/python -m tests.support.picture

ha: $(TEST)  ## kill servers under Patroni and etcd while eight stations record (as root, with Debian's packages, 5 min)
	@$(BIN)/python -m tests.support.ha $(ARGS)

tamper: $(TEST)  ## flip 2,000 places of a bundle and every byte of an entry: the verifier rejects each
	@echo "Flipping what may not be flipped."
	@$(BIN)/python -m tests.support.tamper

mutants: $(TEST)  ## put small faults into the rules, one at a time: some test notices each (ARGS="--seed 7" draws others)
	@echo "Trying mutants of the rules."
	@$(BIN)/python -m tests.support.mutants $(ARGS)

clean:  ## remove .venv, caches and builds
	@echo "Removing .venv, caches and builds."
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	@find schema labels tracker tui tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN): pyproject.toml constraints.txt $(BIN)/python
	@echo "Installing cartrail into $(VENV)."
	@$(PIP) --editable .
	@touch $@

$(TEST): pyproject.toml constraints.txt $(BIN)/python
	@echo "Installing cartrail and its test tools into $(VENV)."
	@$(PIP) --editable '.[test]'
	@touch $(RUN) $@

$(BENCH): $(TEST)
	@echo "Installing the peers of the benchmarks into $(VENV)."
	@$(PIP) --editable '.[bench]'
	@touch $@

# A virtual environment whose interpreter was upgraded away has a dangling link here, so make builds it anew.
$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "No program $(PYTHON) was found: install Python 3.11 or newer, or name yours: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "cartrail needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1): make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) lacks venv: install it (on Debian and Ubuntu the package python3-venv) and run make again." >&2; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version)."
	@$(PYTHON) -m venv --clear $(VENV)
