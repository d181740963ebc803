# Everything a developer or an operator types. `make run` and `make test` need Python 3.11+ and make, nothing else.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
VENDOR := api/web/static/vendor
WORKERS ?= 2
ARGS ?=

export UV_PYTHON_DOWNLOADS := never

.PHONY: help setup assets run test check format lock supply bench screenshots clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMPS)/app ## Make .venv with the `snp` command in it

assets: $(STAMPS)/assets ## Fetch the style sheet and the script that pages load

run: setup assets ## Start the service and its database on http://127.0.0.1:8000
	@exec $(BIN)/snp run $(ARGS)

test: setup assets $(STAMPS)/dev ## Run the whole suite on a PostgreSQL of its own
	@sh scripts/chromium.sh >/dev/null || echo "The tests in a browser will be skipped." >&2
	@sh scripts/nginx.sh >/dev/null || echo "The tests of mutual TLS will be skipped." >&2
	@sh scripts/pgbouncer.sh >/dev/null || echo "The test behind PgBouncer will be skipped." >&2
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

check: setup $(STAMPS)/dev ## Format, lint, types, import contracts and the tests that need no database
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile tests/unit

format: setup $(STAMPS)/dev ## Format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: setup ## Resolve the dependencies again and record their hashes
	sh scripts/lock.sh $(ARGS)

supply: setup assets $(STAMPS)/dev ## Judge licences and known flaws; write the bill of materials and the wheel into dist
	$(BIN)/python scripts/supply_chain.py $(ARGS)

bench: setup $(STAMPS)/bench ## Measure what is claimed to be fast
	$(BIN)/python -m bench $(ARGS)

screenshots: setup assets $(STAMPS)/dev ## Take the pictures of the documentation (needs Chromium)
	sh scripts/chromium.sh
	PYTHONPATH=. $(BIN)/python scripts/screenshots.py $(ARGS)

clean: ## Remove what was made here; the database and its data stay
	rm -rf $(VENV) node_modules $(VENDOR) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find snp slots regulation api tests alembic bench -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMPS)/app: requirements/build.txt requirements/app.txt pyproject.toml scripts/setup.sh
	sh scripts/setup.sh app
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/app
	sh scripts/setup.sh dev
	@touch $@

$(STAMPS)/bench: $(STAMPS)/dev
	@touch $@

$(STAMPS)/assets: package.json package-lock.json scripts/assets.sh | $(STAMPS)/app
	sh scripts/assets.sh
	@touch $@

# Somebody removed the files: fetch them again.
ifeq ($(wildcard $(VENDOR)/htmx.min.js),)
.PHONY: $(STAMPS)/assets
endif
