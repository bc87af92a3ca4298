# Every target does its own set-up: a bare Debian or Ubuntu with git, make and Python 3.11+ is enough.

BIN := .venv/bin
PROMTOOL := $(or $(COCKPIT_PROMTOOL_BIN),promtool)
AMTOOL := $(or $(COCKPIT_AMTOOL_BIN),amtool)
RULES := $(filter-out %_test.yml %/alertmanager.yml,$(wildcard scenarios/rules/*.yml))
RULE_TESTS := $(wildcard scenarios/rules/*_test.yml)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test lint rules unit servers fmt screenshots bench lock clean setup-demo setup-test

help: ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-11s %s\n' "$$name" "$$what"; done

demo: setup-demo ## A lab with a failing Gmail provider in it, and the screen on it
	@if [ -t 0 ] && [ -t 1 ]; then exec $(BIN)/cockpit demo; else exec $(BIN)/cockpit demo --once; fi

test: lint rules unit servers ## All checks and all tests

lint: setup-test ## Formatting, lint, types, who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

rules: setup-test ## The alerting rules, their unit tests, and whether all that is shipped agrees
	$(PROMTOOL) check rules $(RULES)
	$(PROMTOOL) test rules $(RULE_TESTS)
	$(AMTOOL) check-config scenarios/rules/alertmanager.yml
	$(BIN)/cockpit check

unit: setup-test ## The tests that need no server
	$(BIN)/pytest -q -n 4 -m "not servers"

servers: setup-test ## The tests against real servers
	$(BIN)/pytest -q -n 3 --dist loadfile -m servers

fmt: setup-test ## Format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

screenshots: setup-test ## Approve what the screens look like now; look at them before you commit
	UPDATE_SCREENSHOTS=1 $(BIN)/pytest -q tests/tui/test_screens.py

bench: setup-test ## Measure against the budgets; never fails for being slow
	$(BIN)/python -m tests.bench

lock: setup-test ## Choose the newest allowed versions anew, and write both lock files
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-header pyproject.toml --group build --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-header pyproject.toml --all-extras --group dev --constraint requirements.lock \
		--output-file requirements-dev.lock

clean: ## Remove what set-up, checks and tests have made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	find cockpit tests -name __pycache__ -type d -prune -exec rm -rf {} +

setup-demo:
	@sh .ci/setup demo

setup-test:
	@sh .ci/setup test
