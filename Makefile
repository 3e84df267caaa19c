# Two commands for a newcomer, from a bare checkout: `make demo` and `make test`.
# Both make .venv on the first call; the next call starts at once.

PYTHON ?= python3
BIN := .venv/bin
EXTRA_OF_DEMO := .venv/ready-simulator
EXTRA_OF_TEST := .venv/ready-test
WEB := tests/engines/web

.PHONY: demo test soak screenshots lint docs wheel clean help
.DELETE_ON_ERROR:

help:
	@echo "make demo   a simulated server, six centres and two nights; leaves demo-run/"
	@echo "make test   ruff, mypy and every test"
	@echo "make soak   schedules of faults, N=1000 from seed FIRST=0"
	@echo "make screenshots  every form in every language, in build/screenshots"
	@echo "make docs   docs/dictionary.md, from the forms"
	@echo "make wheel  dist/*.whl, to install elsewhere"
	@echo "make clean  removes .venv, demo-run and everything built"

demo: $(EXTRA_OF_DEMO)
	$(BIN)/kobo-crc demo --folder demo-run

test: lint $(WEB)/built/ready .venv/pyxform-3.0.0
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --durations=10

soak: $(EXTRA_OF_TEST)
	$(BIN)/python -m tests.soak $(or $(N),1000) $(or $(FIRST),0)

screenshots: $(WEB)/built/ready
	$(BIN)/python -m tests.engines.screenshots build/screenshots

lint: $(EXTRA_OF_TEST)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy

docs: $(EXTRA_OF_TEST)
	rm -rf build/docs && $(BIN)/kobo-crc init build/docs >/dev/null
	$(BIN)/kobo-crc forms dictionary --folder build/docs > docs/dictionary.md

wheel: $(EXTRA_OF_TEST)
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

# A stamp for each set of extras. The install is editable: what the checkout says is what runs.
.venv/ready-%: .venv/ready setup.cfg pyproject.toml
	@echo "Installing kobo_crc with its parts for '$*' into .venv (a minute or two, once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@

# What a server may still convert forms with, beside the pyxform that we use; its needs are those of the newer one.
.venv/pyxform-3.0.0: $(EXTRA_OF_TEST)
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --upgrade --target $@ pyxform==3.0.0
	@touch $@

# The form engines of web browsers, by the Node that came with the wheel. No package's own script is run.
$(WEB)/node_modules/ready: $(EXTRA_OF_TEST) $(WEB)/package.json $(WEB)/package-lock.json
	@echo "Installing the web form engines and a browser into $(WEB) (a minute, once)"
	@$(BIN)/npm --prefix $(WEB) ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(WEB)/built/ready: $(WEB)/node_modules/ready $(WEB)/prepare.mjs $(WEB)/page.js
	@$(BIN)/node $(WEB)/prepare.mjs
	@touch $@

.venv/ready: .ci/venv
	@PYTHON=$(PYTHON) bash .ci/venv .venv
	@touch $@

clean:
	rm -rf .venv $(WEB)/node_modules $(WEB)/built demo-run build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
