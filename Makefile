# `make demo` and `make test` are all that most people need. PRESET=dev|asan|tsan|cuda chooses another build.
PRESET ?= release
JOBS ?= $(shell nproc)
BUILD := build/$(PRESET)
PYTHON := .venv/bin/python
ENGINE_PYTHON = $(shell command -v "$(or $(LOADSTONE_PYTHON),$(CURDIR)/.venv/bin/python)")

# Compiled files are found again from another clone of the project.
export CCACHE_BASEDIR ?= $(CURDIR)
export CCACHE_NOHASHDIR ?= true

.PHONY: help demo test build configure web deps deps-dev bench soak lint format docs-tables clean

help:  ## This list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | column -t -s '|'

demo: build  ## Install what is missing, build, simulate, fit, write the report
	$(BUILD)/loadstone demo --out runs/demo

test: deps-dev web configure  ## The whole test suite: C++, Python, browser
	cmake --build $(BUILD) -j $(JOBS)
	$(PYTHON) tools/run_tests.py --build $(BUILD) --jobs $(JOBS)

build: deps web configure  ## The program, build/release/loadstone
	cmake --build $(BUILD) -j $(JOBS) --target loadstone

deps:  ## Debian packages and .venv, if anything is missing
	@tools/install_deps.sh

deps-dev:
	@tools/install_deps.sh --dev

configure:
	@test -e CMakePresets.json
	@cmake --preset $(PRESET) --log-level=WARNING -DLOADSTONE_PYTHON=$(ENGINE_PYTHON) > /dev/null

ifneq ($(wildcard web/package.json),)
web: web/dist/.built  ## The page of the report, one file that is built into the program

web/node_modules/.package-lock.json: web/package-lock.json
	npm ci --prefix web --no-audit --no-fund --loglevel=error

web/dist/.built: web/node_modules/.package-lock.json $(shell git ls-files web)
	npm run --prefix web build
	@touch $@
endif

bench: deps-dev web configure  ## Speed as ratios to NumPy at its best, in one run
	cmake --build $(BUILD) -j $(JOBS) --target loadstone
	$(PYTHON) bench/run.py

soak:  ## The test suite under the sanitizers (address, undefined, thread), and the slow tests
	$(MAKE) test PRESET=asan
	$(MAKE) test PRESET=tsan
	$(PYTHON) -m pytest -m slow tests/python

lint: deps-dev web configure  ## Formatting, clang-tidy on changed files, include direction, header cost, sizes, words
	$(PYTHON) tools/lint.py --build $(BUILD) --jobs $(JOBS)

format:  ## Format C++ and Python in place
	git ls-files '*.h' '*.cpp' | xargs clang-format -i
	$(PYTHON) -m ruff format --quiet
	$(PYTHON) -m ruff check --quiet --fix

docs-tables: build  ## docs/parameters.md from the models' own descriptions
	$(PYTHON) tools/docs_tables.py $(BUILD)/loadstone docs/parameters.md

clean:  ## Build folders (runs/ and .venv stay)
	rm -rf build web/dist
