# Each target sets up what it needs by itself. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test check bench fuzz docs lock system-packages clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 20

$(STAMP): requirements/dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## a five-service mesh on this machine, driven by git push
	@PATH="$(CURDIR)/$(BIN):$$PATH" bash examples/bookshop/demo.sh

test: check ## everything: check, then the laws, the fuzzers briefly, and end to end (under 10 minutes)
	$(BIN)/pytest -n $(WORKERS) tests/conformance tests/fuzz
	$(BIN)/pytest tests/e2e

check: $(STAMP) ## lint, format, types, import rules, unit tests (under a minute)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n $(WORKERS) -m "not e2e" tests/compiler tests/proxy

bench: $(STAMP) ## the sidecar beside Envoy (nginx, HAProxy where installed); check and build on a generated tree
	$(BIN)/python -m bench

fuzz: $(STAMP) ## the long properties and the fuzzers
	MESH_FUZZ=1 $(BIN)/pytest tests/fuzz tests/conformance tests/e2e/test_release_kill.py tests/e2e/test_data_process_kill.py

docs: $(STAMP) ## regenerate from their sources what stands in docs/ and schemas/
	$(BIN)/python -m docs.generate

lock: $(STAMP) ## resolve pyproject.toml into requirements/dev.lock again
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --group dev --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --output-file requirements/dev.lock pyproject.toml

system-packages: ## the Debian packages that some tests use (needs root): a browser for the pictures
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium git

clean: ## remove what the targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
