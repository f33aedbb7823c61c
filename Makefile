# The whole workflow. Needs Python 3.11 and make, nothing else.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
STAMP := .venv/.installed
ARGS ?=
# More than there are cores: many tests wait for processes of their own.
JOBS ?= 4

.PHONY: help demo test coverage lint pictures bench clean
.DEFAULT_GOAL := help

help:
	@echo "make demo [ARGS=--once]  the whole job on this machine, without an account"
	@echo "make test [ARGS=...]     lint, types and every test; ARGS goes to pytest, JOBS=1 for one at a time,"
	@echo "                         ARGS=--both-databases for each on SQLite and on PostgreSQL"
	@echo "make coverage            every test on both databases, and how much of the package they reach; takes longer"
	@echo "make pictures            take the pictures of the pages in docs/pictures; needs Chromium"
	@echo "make bench [ARGS=...]    the benchmarks' ratios, a to g; ARGS='a b --pairs 3' for some of them"
	@echo "make lint                lint and types only"
	@echo "make clean               remove what was built"

$(STAMP): setup.cfg pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	"$(PYTHON)" -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(STAMP)
	$(BIN)/upsales-wistia demo $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint
	$(BIN)/python -m pytest --numprocesses=$(JOBS) --dist=worksteal $(ARGS)

coverage: $(STAMP)
	$(BIN)/python -m pytest --cov --cov-report=term --both-databases --numprocesses=$(JOBS) --dist=worksteal $(ARGS)

pictures: $(STAMP)
	$(BIN)/python -m tests.browser.pictures $(ARGS)

bench: $(STAMP)
	@$(BIN)/python -c 'import dlt, sqlalchemy' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	$(BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf .venv build dist *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
