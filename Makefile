# make run    start Yaydoc on http://localhost:8000 (PORT=… moves it)
# make test   run every test
# make check  lint, types, migrations, deployment checks
# make corpus  build real repositories (ARGS="--mirrors DIR"), and by hand what fails
# make pictures  draw the manual's pictures of mails anew

PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := run
.PHONY: run test check corpus pictures requirements python

run: .venv/prod
	@PORT=$(PORT) $(BIN)/python manage.py set_up
	@PATH="$(CURDIR)/$(BIN):$$PATH" HTTP_PORT=$(PORT) exec $(BIN)/honcho start --port $(PORT)

test: .venv/test
	$(BIN)/python -m pytest $(ARGS)
	$(BIN)/python tests/on_postgres.py $(BIN)/python -m pytest --ignore tests/browser $(ARGS)

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/python manage.py makemigrations --check --settings tests.settings
	DATA_DIR=$$(mktemp -d) SITE_URL=https://yaydoc.example.org DOCS_URL=https://docs.example.org \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

corpus: .venv/test
	$(BIN)/python benchmarks/corpus.py --by-hand failed $(ARGS)

pictures: .venv/test
	DRAW_PICTURES=1 $(BIN)/python -m pytest -q tests/browser/test_mails.py -k picture

# One environment; each mark says which requirements it holds by now. dev holds test, test holds prod.
.venv/prod .venv/test .venv/dev: .venv/%: requirements/%.txt | python
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing requirements/$*.txt …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$*.txt
	@touch $@

python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is $$($(PYTHON) -V): Yaydoc needs Python 3.11 or newer (make PYTHON=python3.12 …)."; exit 1; }
	@command -v git >/dev/null || { echo "git is missing: install it (Debian: apt install git)."; exit 1; }

requirements: .venv/dev
	for name in prod test dev redis; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--custom-compile-command "make requirements" requirements/$$name.in -o requirements/$$name.txt; done
	for name in requirements mkdocs; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--custom-compile-command "make requirements" builds/runner/$$name.in -o builds/runner/$$name.txt; done
