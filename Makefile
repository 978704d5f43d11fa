# SPDX-FileCopyrightText: The relayops.exchange contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything happens in .venv, from the locked versions in tests/requirements. No system package is installed.
.PHONY: help demo test bench lint kerberos browser lock clean

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

help:  ## List the targets
	@sed -n 's/^\([a-z]*\):.*##/make \1 -/p' $(MAKEFILE_LIST)

demo: .venv/tests  ## Show a copier being allowed to relay, and nobody else, on a lab server (EXCHANGE=2010 for another)
	@PYTHONPATH=tests/demo:tests/lab $(BIN)/python -m relay_demo --exchange $(or $(EXCHANGE),2019)

test: .venv/tests  ## Run all tests (ARGS=… goes to pytest)
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal $(ARGS)

bench: .venv/tests  ## Count round trips and take times beside what people do today (ARGS="--quick requests": a part of it)
	@PYTHONPATH=tests/bench:tests/lab $(BIN)/python -m relay_bench $(ARGS)

lint: .venv/tests .venv/judges  ## Run all judges: ruff, mypy, ansible-lint, ansible-test sanity, …
	@$(BIN)/nox --no-error-on-missing-interpreters -t lint

kerberos: .venv/kerberos  ## Let make test include Kerberos (.ci/run names the system packages it needs)

browser: build/browser/node_modules  ## Let make test look at the report in Chromium (Debian: chromium; Node.js and npm)

lock: .venv/judges  ## Choose dependency versions anew
	@for name in test kerberos lint artifact awx; do $(BIN)/uv pip compile -q --universal --upgrade --python-version 3.11 \
		tests/requirements/$$name.in -o tests/requirements/$$name.txt || exit 1; done

clean:  ## Remove what was built; .venv too
	rm -rf .venv .nox build

.venv/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or later found: install one or say make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/tests: tests/requirements/test.txt | .venv/python
	@echo "Installing the tests' dependencies into .venv"
	@$(PIP) install -r $<
	@touch $@

.venv/kerberos: tests/requirements/kerberos.txt .venv/tests
	@echo "Building the Python modules of Kerberos into .venv"
	@$(PIP) install -r $<
	@touch $@

.venv/judges: tests/requirements/lint.txt .venv/tests
	@echo "Installing the judges into .venv"
	@$(PIP) install -r $<
	@touch $@

build/browser/node_modules: tests/browser/package-lock.json tests/browser/package.json
	@echo "Installing playwright-core and axe-core into build/browser"
	@mkdir -p build/browser && cp $^ build/browser/
	@cd build/browser && npm ci --silent --no-audit --no-fund
	@touch $@
