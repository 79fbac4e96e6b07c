# Gatehouse. A fresh machine needs git, make and Python 3.11 or newer; everything else is installed into .venv.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

export PORT ?= 8000
export DATA_DIR ?= $(CURDIR)/var
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Else every one of the many processes that the tests start would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null || echo $(BIN)/uv)
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links
DEVELOPMENT := DJANGO_SETTINGS_MODULE=portal.settings.dev
# As many processes as there are cores, two at least; each takes a Redis database of its own, so that there is an end.
PROCESSES := $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n < 2 ? 2 : n > 8 ? 8 : n)))
PDFJS ?= $(shell cat static/vendor/pdfjs/VERSION)

.PHONY: help run test services services-test check bench check-lock check-style check-types check-site \
  drill picture words vendor audit format lock clean

help:  ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Gatehouse needs Python 3.11 or newer.")'
	@if command -v uv >/dev/null; then uv venv --quiet --python "$$(command -v $(PYTHON))" .venv; \
	else $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet uv; fi

.venv/.runtime: requirements.txt | .venv/bin/python
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.txt
	@touch $@

.venv/.development: requirements-dev.txt | .venv/bin/python
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@touch $@ .venv/.runtime

run: .venv/.runtime  ## Serve the demonstration site on http://127.0.0.1:8000 (PORT, DATA_DIR), with its worker and timer
	@export $(DEVELOPMENT) BASE_URL="$${BASE_URL:-http://127.0.0.1:$(PORT)}"; \
	$(BIN)/python manage.py demo --prepare; \
	exec $(BIN)/honcho start --port $(PORT)

test: .venv/.development  ## Run every test that this machine can run, and say what was left out
	@$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadgroup

services: .venv/.development  ## The production stack on this machine: https://localhost:8000 (PORT, DATA_DIR); Ctrl-C ends it
	@exec $(BIN)/python -m deploy.services

services-test: .venv/.development  ## Start the production stack in a folder of its own, run its tests, and stop it
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; chmod 711 "$$folder"; \
	SERVICES="$$folder/stack" $(BIN)/python -m pytest -p no:xdist -q -m services tests/services

check: check-lock check-style check-types check-site  ## Format, lint, types, imports, dependencies, migrations, settings, lock

check-style: .venv/.development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2 --check
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry .

check-types: .venv/.development
	$(BIN)/mypy portal fileshare members manage.py

check-site: .venv/.development
	$(DEVELOPMENT) $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python deploy/check_production.py

check-lock: .venv/.development
	@for file in requirements.txt requirements-dev.txt; do \
	  if grep -nE '^--(index-url|extra-index-url|find-links)|https?://' $$file; then echo "$$file names an index or a host."; exit 1; fi; done
	@work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT; cp requirements.txt requirements-dev.txt "$$work"; \
	$(COMPILE) pyproject.toml -o "$$work/requirements.txt" >/dev/null; \
	$(COMPILE) pyproject.toml --group dev -c requirements.txt -o "$$work/requirements-dev.txt" >/dev/null; \
	for file in requirements.txt requirements-dev.txt; do \
	  diff -q <(grep -v '^ *#' $$file) <(grep -v '^ *#' "$$work/$$file") >/dev/null || { echo "$$file is not up to date: run 'make lock'."; exit 1; }; done

drill: .venv/.development  ## The drills at full length: kills, faults, hostile files, a restore of 10,000 files (RESTORE=options; hours)
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; chmod 711 "$$folder"; \
	DRILL=all RESTORE="$(RESTORE)" SERVICES="$$folder/stack" $(BIN)/python -m pytest -p no:xdist -q tests/drills \
	tests/fileshare/test_upload.py tests/members/test_record_file.py tests/services/test_parts_end.py tests/services/test_restore_drill.py

bench: .venv/.development  ## Measure the site beside stock Wagtail (ROWS="post slow", QUICK=1; docs/developer.md; an hour, or minutes)
	@$(BIN)/python -m bench

picture: .venv/.development  ## Make the pictures of README and docs from the running demonstration (wants Chromium)
	@$(BIN)/python docs/make_pictures.py

words: .venv/.development  ## Write the administration's words anew from portal/locale (wants GNU gettext)
	cd portal && $(DEVELOPMENT) ../$(BIN)/python ../manage.py compilemessages --locale en_GB

vendor:  ## Fetch pdf.js for reading online from the npm registry (PDFJS=version; wants npm)
	@work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT; \
	(cd "$$work" && npm pack --silent "pdfjs-dist@$(PDFJS)" >/dev/null && tar xzf pdfjs-dist-*.tgz); \
	from="$$work/package"; to=static/vendor/pdfjs; \
	find $$to -mindepth 1 ! -name README.txt -delete; mkdir -p $$to/decoders; \
	cp "$$from"/legacy/build/pdf.min.mjs "$$from"/legacy/build/pdf.worker.min.mjs "$$from"/LICENSE $$to; \
	cp -r "$$from"/cmaps "$$from"/standard_fonts $$to; \
	cp "$$from"/wasm/{jbig2,openjpeg}_nowasm_fallback.js "$$from"/wasm/LICENSE_{JBIG2,OPENJPEG,PDFJS_JBIG2,PDFJS_OPENJPEG} $$to/decoders; \
	echo "$(PDFJS)" >$$to/VERSION; \
	(cd $$to && find . -type f ! -name README.txt ! -name SHA256SUMS -print0 | LC_ALL=C sort -z | xargs -0 sha256sum >SHA256SUMS)

audit: .venv/.development  ## Known weaknesses of the locked versions (asks the advisory data base)
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements.txt

format: .venv/.development  ## Write the code and the templates in the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2

lock: | .venv/bin/python  ## Write requirements.txt and requirements-dev.txt anew, with the newest versions that fit
	$(COMPILE) --upgrade pyproject.toml -o requirements.txt >/dev/null
	$(COMPILE) --upgrade pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt >/dev/null

clean:  ## Remove what was installed and built; the data of the demonstration stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
