# make run: the daemon on config/plans.toml, with no mail server. make test: the tests.
# make check: lint, types, layers, spelling, links between pages, the form of compose.yaml.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# What is no prose: names in code, the states of other programs' files, the ids of a report's sections.
AMERICAN := --ignore-words-list catalogue,dialogue,grey --ignore-regex '`[^`]*`|["._]cancell(ed|ing)|cancell(ed|ing) =|CANCELLED|Cancelled'

.PHONY: run test check bench generate test-lowest dist image lock audit clean
.DELETE_ON_ERROR:

run: $(VENV)/run
	@$(BIN)/renewd --config config/plans.toml --state state run

# Bytecode is kept even where the environment asks for none: else every start of a program compiles it.
test bench: export PYTHONDONTWRITEBYTECODE :=

test: $(VENV)/test
	$(BIN)/python -m pytest -n auto --dist worksteal -q

check: $(VENV)/check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell *.md docs daemon templates config packaging systemd benchmarks tests
	$(BIN)/codespell --builtin en-GB_to_en-US $(AMERICAN) *.md docs/*.md daemon templates tests benchmarks packaging systemd
	$(BIN)/python -m pytest -q --noconftest tests/house/test_references.py
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml

bench: $(VENV)/test
	$(BIN)/python -m benchmarks

# The schema, the tables of the pages on configuration and the man pages, from the texts of --help and of every key; a test
# says when they are old.
generate: $(VENV)/run
	$(BIN)/python -m renewd.cli.generated

# Everything at the lowest version that pyproject.toml allows.
test-lowest: pyproject.toml
	@test -x .venv-lowest/bin/python || $(PYTHON) -m venv .venv-lowest
	@.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(PYTHON) tests/lowest.py > .venv-lowest/constraints.txt
	@.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check --editable . --group test --constraint .venv-lowest/constraints.txt
	.venv-lowest/bin/python -m pytest

# What is handed on: sdist, wheel, .deb, list of components. The same commit gives the same bytes.
dist: $(VENV)/dist
	rm -rf dist
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --no-isolation --outdir dist
	$(BIN)/twine check --strict dist/*.whl dist/*.tar.gz
	PYTHON=$(BIN)/python packaging/deb.sh
	PYTHON=$(PYTHON) packaging/sbom.sh

image: $(VENV)/dist
	packaging/image.sh

# The pinned and hashed dependencies, after a change to those of pyproject.toml.
lock: $(VENV)/dist
	UV=$(BIN)/uv PYTHON=$(BIN)/python packaging/lock.sh

# Known vulnerabilities and the licenses of all that is locked; asks a server, and fails where it cannot.
audit: $(VENV)/dist
	PYTHON=$(PYTHON) packaging/audit.sh

$(VENV)/run: pyproject.toml
	@echo "Setting up $(VENV), once: half a minute. 正在准备 $(VENV)，只有这一次，约半分钟。"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# pip reads dependency groups from 25.1 on; the pip of Debian 12 does not.
$(VENV)/test $(VENV)/check $(VENV)/dist: $(VENV)/%: pyproject.toml $(VENV)/run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group $*
	@touch $@

clean:
	rm -rf $(VENV) .venv-lowest state build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
