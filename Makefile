# make run: the daemon on config/plans.toml, with no mail server. make test: the tests. make check: lint, types, layers.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test check bench clean
.DELETE_ON_ERROR:

run: $(VENV)/run
	@$(BIN)/renewd --config config/plans.toml --state state run

test: $(VENV)/test
	$(BIN)/python -m pytest

check: $(VENV)/check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/test
	$(BIN)/python -m benchmarks

$(VENV)/run: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# pip reads dependency groups from 25.1 on; the pip of Debian 12 does not.
$(VENV)/test $(VENV)/check: $(VENV)/%: pyproject.toml $(VENV)/run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group $*
	@touch $@

clean:
	rm -rf $(VENV) state build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
