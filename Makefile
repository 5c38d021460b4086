# Landzicht: `make up` serves the portal, `make test` runs all tests. Nothing else is needed first.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Not in .cache, which the builder of the documentation empties.
BENCH := .bench
ARGS ?=

PAGE_SOURCES := $(shell find page -type f -not -path '*/node_modules/*' 2>/dev/null)
RUN_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev

.PHONY: help up test setup setup-dev check docs bench bench-catalogue bench-geoparquet bench-series bench-page bench-world soak format clean debian wheel

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 16

up: setup ## set everything up and serve the portal at http://127.0.0.1:8000
	@$(BIN)/landzicht up $(ARGS)

test: setup-dev debian ## set everything up and run all tests
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder \
	  --max-suite-reruns 5 --rerun-show-tracebacks $(ARGS)

setup: $(RUN_STAMP) ## make .venv with the package and its page

setup-dev: $(DEV_STAMP)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Landzicht needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make up PYTHON=python3.12"; exit 1; }
	@echo "Making the virtual environment $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing. On Debian: apt-get install python3-venv"; exit 1; }

$(RUN_STAMP): $(VENV)/bin/python pyproject.toml requirements/run.txt hatch_build.py $(PAGE_SOURCES)
	@echo "1/2 Installing the libraries (some 280 MB to fetch the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/run.txt
	@echo "2/2 Installing Landzicht and building its page (fetches Node for the build, about a minute) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@$(BIN)/python -c "from landzicht.kernels.warm import warm; warm()"  # compiled once, kept
	@touch $@

$(DEV_STAMP): $(RUN_STAMP) requirements/dev.txt
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	@touch $@

# Debian packages that tests use: a browser for the page, PostgreSQL with PostGIS for pgSTAC.
debian:
	@missing=; command -v chromium >/dev/null || missing="chromium"; \
	ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1 || missing="$$missing postgresql postgresql-postgis"; \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Debian's packages that tests use, because you are root: $$missing …"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else \
	  echo "Not here, so tests that need them are skipped: $$missing. On Debian: sudo apt-get install $$missing"; \
	fi

check: setup-dev ## formatting, lint, layers, types, spelling, docstrings
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mypy
	@$(BIN)/codespell --skip docs/reference/errors.md docs README.md CONTRIBUTING.md SECURITY.md changes
	@$(BIN)/interrogate --quiet --fail-under 100 --ignore-init-method --ignore-magic --ignore-private --ignore-nested-functions --ignore-semiprivate src/landzicht

format: setup-dev ## format the code
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

docs: setup-dev ## build the documentation into site/
	@$(BIN)/zensical build --clean --strict

wheel: setup-dev ## build the wheel into dist/
	@$(BIN)/python -m build --wheel --outdir dist .

soak: setup-dev ## the long tier: all kill rounds, fuzzing, the long walk, more random examples
	@LANDZICHT_SOAK=1 $(BIN)/python -m pytest tests/records tests/ingest tests/grid tests/stac tests/kinds tests/text tests/formats tests/portal tests/fuzz tests/sources tests/series tests/safety tests/cli/test_large.py tests/cli/test_official_areas.py tests/world/test_calibration.py tests/world/test_cloud_mask.py tests/journeys/test_memory.py --timeout 7200 $(ARGS)

$(BENCH)/.installed: requirements/bench.txt
	@echo "Installing the peers to compare with …"
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/bench.txt
	@touch $@

bench: $(BENCH)/.installed ## compare with titiler, rio-tiler and tuned GDAL (10 minutes)
	@PYTHONPATH=src $(BENCH)/bin/python -m pytest benchmarks/tiles -p no:randomly -W default \
	  --benchmark-json=$(BENCH)/tiles.json $(ARGS)
	@$(BENCH)/bin/python benchmarks/tiles/table.py $(BENCH)/tiles.json

bench-catalogue: $(BENCH)/.installed ## compare the catalogue with stac-fastapi-pgstac (SCENES=100000)
	@PYTHONPATH=src:benchmarks/catalogue $(BENCH)/bin/python benchmarks/catalogue/run.py \
	  $(BENCH)/catalogue $(or $(SCENES),100000) 60
	@$(BENCH)/bin/python benchmarks/catalogue/table.py $(BENCH)/catalogue/result-*.json

bench-geoparquet: $(BENCH)/.installed ## after bench-catalogue: stac-fastapi-geoparquet on the same items
	@test -x .bench-geoparquet/bin/uvicorn || { $(PYTHON) -m venv .bench-geoparquet && \
	  .bench-geoparquet/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/bench-geoparquet.txt; }
	@PYTHONPATH=src:benchmarks/catalogue $(BENCH)/bin/python benchmarks/catalogue/geoparquet.py \
	  $(BENCH)/catalogue $(or $(SCENES),100000) .bench-geoparquet/bin/python
	@$(BENCH)/bin/python benchmarks/catalogue/table.py $(BENCH)/catalogue/result-*.json

bench-series: $(BENCH)/.installed ## compare measuring with exactextract, xvec, rasterstats and odc-stac
	@PYTHONPATH=src $(BENCH)/bin/python benchmarks/series/contest.py --write $(ARGS)

bench-page: setup-dev ## how quick the page is for a first visitor
	@$(BIN)/python benchmarks/page/measure.py $(ARGS)

bench-world: setup-dev ## what making Zonderland costs in time and memory (10 minutes)
	@$(BIN)/python benchmarks/world/run.py $(ARGS)

clean: ## remove what was built
	@rm -rf $(VENV) dist build site src/landzicht/web/dist page/node_modules
