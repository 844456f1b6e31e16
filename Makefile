# Everything a fresh machine needs is Git, Python 3.11 or later, and the network: each target sets itself up.
PYTHON ?= python3
BIN := .venv/bin
RUNS := .venv/.runs
READY := .venv/.ready
# pip, not uv: pip is what a fresh machine has configured.
QUIETLY := --quiet --disable-pip-version-check --no-input
WORKERS ?= 2

.PHONY: help setup lint test test-more test-ship test-heavy demo bench why-suite corpus requirements clean

help:
	@echo "make demo                        adopt the bundled notebook in a temporary folder and show the proof"
	@echo "make test                        lint and the tests (under 25 minutes on two cores)"
	@echo "make test-more                   more sample notebooks: what the others show, in another way"
	@echo "make test-ship                   the tests that need container engines, a registry, ssh and root"
	@echo "make test-heavy                  the tests that need torch, tensorflow and the like"
	@echo "make lint                        ruff, mypy and the layers"
	@echo "make bench                       start-up, observer overhead, adopt's own time, the store against DVC"
	@echo "make why-suite                   runs with planted causes, and what ferrata why answers"
	@echo "make corpus TABLE=… FOLDER=…     adopt every notebook of a table and print the outcomes"
	@echo "make requirements                compile requirements/*.txt again"
	@echo "PYTHON=/path/to/python3.12 make … picks the interpreter"

setup: $(READY)

$(RUNS): requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Ferrata needs Python 3.11 or later; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || echo missing)." >&2; \
	  echo "Say which one to use: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
	$(BIN)/python -m pip install $(QUIETLY) --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install $(QUIETLY) --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src/ferrata
	@touch $(RUNS)

$(READY): requirements/dev.txt $(RUNS)
	$(BIN)/python -m pip install $(QUIETLY) --require-hashes -r requirements/dev.txt
	@touch $(READY)

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: lint
	$(BIN)/python -m pytest -m "not heavy and not more and not ship" -n $(WORKERS) --dist worksteal

test-more: $(READY)
	$(BIN)/python -m pytest -m more -n $(WORKERS) --dist worksteal

test-ship: $(READY)
	$(BIN)/python -m pytest -m ship

test-heavy: $(READY)
	$(BIN)/python -m pytest -m heavy

demo: $(RUNS)
	@folder=$$(mktemp -d) && cp -R examples/churn/. "$$folder" && cd "$$folder" && "$(CURDIR)/$(BIN)/ferrata" adopt churn.ipynb --yes \
	  && cd churn && echo && git log --oneline --reverse && echo && "$(CURDIR)/$(BIN)/ferrata" && echo && echo "The project stays in $$folder/churn"

bench: $(RUNS)
	@for benchmark in $(filter-out benchmarks/corpus.py benchmarks/why.py,$(wildcard benchmarks/*.py)); do echo "== $$benchmark"; $(BIN)/python $$benchmark || exit 1; done

why-suite: $(RUNS)
	@$(BIN)/python benchmarks/why.py $(ARGUMENTS)

corpus: $(RUNS)
	@test -n "$(TABLE)" -a -n "$(FOLDER)" || { echo "usage: make corpus TABLE=table.tsv FOLDER=materialised" >&2; exit 2; }
	@$(BIN)/python benchmarks/corpus.py "$(TABLE)" "$(FOLDER)" $(ARGUMENTS)

COMPILE = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet --upgrade
requirements: $(RUNS)
	$(COMPILE) pyproject.toml requirements/run.in --output-file requirements/run.txt
	$(COMPILE) pyproject.toml requirements/dev.in --output-file requirements/dev.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache dist build
