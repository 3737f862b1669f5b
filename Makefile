# nnlab's front door: `make help` lists the targets. Needs Python 3.11 or newer and make.

PYTHON ?= python3
VENV := .venv
NNLAB := $(VENV)/bin/nnlab
UV := $(shell command -v uv 2>/dev/null)
# One process for each core. Each gets one test at a time, so that the quick ones still come first.
PARALLEL := -n auto --maxprocesses 8 --dist load --maxschedchunk 1

.DEFAULT_GOAL := help
.PHONY: help run test test-faults lint format data chromium bench study docs test-floors clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-13s %s\n", $$1, $$2}' Makefile

run: $(VENV)/installed data  ## set up, fetch the data, train both experiments
	@$(NNLAB) cubic
	@$(NNLAB) fashion
	@echo "Both experiments are trained. Their run directories:"
	@ls -dt runs/cubic-* | head -n 1
	@ls -dt runs/fashion-* | head -n 1

test: $(VENV)/installed-dev  ## set up, then lint, types and all tests
	@$(MAKE) --no-print-directory data \
	  || echo "make test: going on without the full data; what needs it is skipped"
	@$(MAKE) --no-print-directory chromium \
	  || echo "make test: going on without Chromium; what needs it is skipped"
	@$(MAKE) --no-print-directory lint
	$(VENV)/bin/python -m pytest $(PARALLEL) $(PYTEST)

test-faults: $(VENV)/installed-dev data  ## all kills, signals, full disks, bad files (20 minutes)
	$(VENV)/bin/python -m pytest $(PARALLEL) tests/faults tests/jobs tests/sweep tests/study/claims -m "long or not long" $(PYTEST)

lint: $(VENV)/installed-dev  ## style (ruff), types (mypy), import rules (import-linter)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/installed-dev  ## rewrite the code in the house style
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

# A copy on this machine, else a download, else (Debian, as root) the package.
data: $(VENV)/installed  ## find or download Fashion-MNIST
	@$(NNLAB) data fetch || { \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && echo "make data: installing Debian's package dataset-fashion-mnist" \
	  && apt-get update -qq && apt-get install -y -qq dataset-fashion-mnist \
	  && $(NNLAB) data fetch; }

# The tests of the page that `nnlab report` writes open it in this browser.
chromium:  ## find Chromium, or install it (Debian, as root)
	@command -v chromium >/dev/null || { \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && echo "make chromium: installing Debian's package chromium" \
	  && apt-get update -qq \
	  && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; }

bench: $(VENV)/installed-bench data  ## the benchmarks, one after the other (some hours; PyTorch and JAX are 5 GB)
	$(VENV)/bin/python benchmarks/cubic.py
	$(VENV)/bin/python benchmarks/threads.py
	$(VENV)/bin/python benchmarks/replicas.py
	$(VENV)/bin/python benchmarks/seeds.py
	$(VENV)/bin/python benchmarks/startup.py
	$(VENV)/bin/python benchmarks/growth.py
	$(VENV)/bin/python benchmarks/listing.py
	$(VENV)/bin/python benchmarks/checkpoints.py
	$(VENV)/bin/python benchmarks/jobs.py
	$(VENV)/bin/python benchmarks/sweep.py
	$(VENV)/bin/python benchmarks/fashion.py
	$(VENV)/bin/python benchmarks/fashion_steps.py
	$(VENV)/bin/python benchmarks/fashion_memory.py
	$(VENV)/bin/python benchmarks/time_to_accuracy.py

study: $(VENV)/installed-dev data  ## run all studies, and write docs/questions.md and its pictures (hours)
	$(NNLAB) study all
	$(VENV)/bin/python tools/study_docs.py

docs: $(VENV)/installed data chromium  ## rewrite the generated tables and pictures of README and docs (15 minutes)
	$(VENV)/bin/python tools/write_docs.py --pictures
	$(VENV)/bin/python tools/errata.py
	$(VENV)/bin/python tools/report_picture.py
	$(VENV)/bin/python tools/scrub_picture.py
	$(VENV)/bin/python tools/predict_picture.py
	$(VENV)/bin/python tools/lessons.py

test-floors:  ## the tests with the oldest versions that pyproject.toml admits (needs uv)
	$(UV) venv --clear --python $(PYTHON) .venv-floors
	VIRTUAL_ENV=.venv-floors $(UV) pip install --resolution lowest-direct -e '.[dev]'
	.venv-floors/bin/python -m pytest $(PARALLEL) $(PYTEST)

clean:  ## remove the virtual environments and caches; runs stay
	rm -rf .venv .venv-floors .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

# constraints.txt pins every package, so that two machines develop with the same ones.
INSTALL = $(if $(UV),VIRTUAL_ENV=$(VENV) $(UV) pip install,$(VENV)/bin/python -m pip install --quiet)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "nnlab needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..."; exit 1; }
	@echo "making $(VENV)"
	@$(if $(UV),$(UV) venv --quiet --python $(PYTHON) $(VENV),$(PYTHON) -m venv $(VENV)) \
	  || { rm -rf $(VENV); exit 1; }

$(VENV)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "installing nnlab and what it needs (TensorFlow is 600 MB)"
	@$(INSTALL) -c constraints.txt -e .
	@touch $@

$(VENV)/installed-bench: $(VENV)/installed
	@echo "installing what nnlab is compared with"
	@$(INSTALL) -c constraints.txt -e '.[fast,sweep,bench]'
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "installing the tools for development"
	@$(INSTALL) -c constraints.txt -e '.[dev]'
	@touch $@
