# Everything runs in .venv, which .ci/setup fills. Needed beforehand: Python 3.11 or newer, git, make.

.DEFAULT_GOAL := help

BIN := .venv/bin
READY := .venv/.ready
OUT ?= lightbox-demo
# One more than there are processors: some tests wait for a while.
WORKERS ?= $(shell $(BIN)/python -c "import os; print((os.cpu_count() or 1) + 1)")
SAMPLE ?= 200

.PHONY: help setup demo test bench lint types mutants format readme prices chat bundle release constraints clean

help:  ## Show what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: $(READY)  ## Run every tool on the embedded sandbox; pictures and a page land in lightbox-demo/
	@$(BIN)/python -m lightbox demo --out "$(OUT)"

test: lint types  ## Check style and types, then run every test, with branch coverage
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --cov --cov-branch --cov-report=term

bench: $(READY)  ## Measure time, memory and sizes against their floors, and print one table
	$(BIN)/python -m pytest tests/benchmarks -n 0 -q

lint: $(READY)  ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)  ## Check types
	$(BIN)/pyright

mutants: $(READY)  ## Show which of SAMPLE=200 small changes to the code no test notices (an hour)
	$(BIN)/python tests/mutants.py --sample $(SAMPLE)

format: $(READY)  ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

readme: $(READY)  ## Write anew what README, pages, config/ and other files take from the code
	$(BIN)/python tests/documentation.py

prices: $(READY)  ## Compare the catalogue's prices with those of two open price tables, and list what is old or ends
	@$(BIN)/python tests/price_comparison.py

chat: $(READY)  ## Draw the README's moving picture anew, from what the tools answer on the sandbox
	$(BIN)/python tests/moving_picture.py

bundle: $(READY)  ## Make the bundle for desktop programs, in dist/
	@PYTHONPATH=tests $(BIN)/python -m publishing.bundle dist

release: $(READY)  ## Tell what a release would do, and what it still waits for; nothing leaves this machine
	@PYTHONPATH=tests $(BIN)/python -m publishing.release check --tag "$(TAG)"

setup: $(READY)  ## Make .venv and install everything in it

$(READY): pyproject.toml constraints.txt tests/browser/package.json
	@.ci/setup
	@touch $@

constraints:  ## Renew constraints.txt: the newest versions that pyproject.toml allows
	@.ci/setup --newest
	@touch $(READY)

clean:  ## Remove everything that was made
	rm -rf .venv "$(OUT)" build dist .pytest_cache .ruff_cache .hypothesis .coverage .mutants
	find server tests -name __pycache__ -type d -prune -exec rm -rf {} +
