# Everything a developer runs. Each target sets up what it needs in .venv, from the hashed locks in requirements/, and
# does so again only when a lock or pyproject.toml has changed. After that they work without a network.
#   make help       lists the targets
#   make PYTHON=... names the Python to use when python3 is not the one

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
.NOTPARALLEL:

BIN := .venv/bin
GROUPS := build test lint bench fuzz lock
PORT ?= 8000

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

.PHONY: serve
serve: .venv/ready ## Serve the reference project on http://127.0.0.1:8000 (PORT=9000 for another port)
	$(BIN)/portico serve --port $(PORT)

.PHONY: check
check: .venv/ready .venv/has-test .venv/has-lint ## Lint, formatting, types, the designs and SDKs of the reference project
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/portico check
	$(BIN)/portico sdk --check

.PHONY: test
test: check browser database redis document ## Everything that must pass before a change lands: check, then the tests
	$(BIN)/pytest --numprocesses auto --dist worksteal --durations 10

.PHONY: bench
bench: .venv/ready .venv/has-test .venv/has-bench ## Measure against raw ASGI, Connexion, FastAPI and Fastify; writes docs/benchmarks.md
	@.ci/apt wrk wrk "the load generator of the benchmark"
	$(BIN)/python -m bench

.PHONY: corpus
corpus: .venv/ready .venv/has-test ## Load, check and compile 2,639 real documents; writes docs/corpus.md
	$(BIN)/python -m tests.corpus

.PHONY: fuzz
fuzz: .venv/ready .venv/has-test .venv/has-fuzz ## Attack the running reference project and the loader with made-up input
	$(BIN)/python -m tests.fuzz

.PHONY: browser
browser:
	@.ci/apt chromium chromium "the tests that need a browser are skipped without it"

.PHONY: database
database:
	@.ci/apt pg_lsclusters postgresql "what keeps state is tested on SQLite only without it"

.PHONY: redis
redis:
	@.ci/apt redis-server redis-server "limits that several machines share are not tested without it"

.PHONY: document
document: .venv/has-test
	@$(BIN)/python -c "from bench import projects; projects.fetch_github_document() or \
		print('without npm, the tests on a document of 1,223 operations are skipped')"

.PHONY: docs
docs: .venv/ready ## Write the reference of commands and settings from the code
	$(BIN)/python docs/reference/generate.py

.PHONY: lock
lock: .venv/has-lock ## Refresh the locks from pyproject.toml (UPGRADE=1 takes the newest versions)
	requirements/lock $(if $(UPGRADE),--upgrade) base $(GROUPS)

# The environment. `ready` is the project with what it runs on; each group of pyproject.toml adds a stamp of its own.
.venv/pyvenv.cfg:
	@.ci/venv .venv

.venv/has-%: requirements/%.txt | .venv/pyvenv.cfg
	@echo "Installing $< ..."
	@$(BIN)/pip install --quiet --require-hashes --requirement $<
	@touch $@

.venv/ready: pyproject.toml hatch_build.py .venv/has-base .venv/has-build
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
