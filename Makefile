# `make demo` and `make test` are all that most people need. PRESET=dev|asan|tsan|cuda chooses another build.
PRESET ?= release
JOBS ?= $(shell nproc)
BUILD := build/$(PRESET)
PYTHON := .venv/bin/python
ENGINE_PYTHON = $(shell command -v "$(or $(LOADSTONE_PYTHON),$(CURDIR)/.venv/bin/python)")

# Compiled files are found again from another clone of the project.
export CCACHE_BASEDIR ?= $(CURDIR)
export CCACHE_NOHASHDIR ?= true

export TSAN_OPTIONS ?= suppressions=$(CURDIR)/cmake/tsan.supp

.NOTPARALLEL:  # prerequisites are steps, in this order; compilers run in parallel below them
.PHONY: help demo test build configure web deps deps-dev bench soak lint format docs-tables clean

help:  ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build  ## Install what is missing, build, simulate, fit, write the report
	$(BUILD)/loadstone demo --out runs/demo

test: deps-dev configure  ## The whole test suite: C++, Python, browser
	cmake --build $(BUILD) -j $(JOBS)
	$(PYTHON) tools/run_tests.py --build $(BUILD) --jobs $(JOBS)

build: deps configure  ## The program, build/release/loadstone
	cmake --build $(BUILD) -j $(JOBS) --target loadstone

deps:  ## Debian packages and .venv, if anything is missing
	@tools/install_deps.sh

deps-dev:
	@tools/install_deps.sh --dev

configure:
	@cmake --preset $(PRESET) --log-level=WARNING -DLOADSTONE_PYTHON=$(ENGINE_PYTHON) > /dev/null

web: deps configure  ## The page of the report, one file that is built into the program
	cmake --build $(BUILD) --target report_page

bench: deps-dev configure  ## Speed as ratios to NumPy, pandas, gensim, implicit and PyTorch at their best, in one run
	cmake --build $(BUILD) -j $(JOBS) --target loadstone bench_recommender bench_words bench_implicit_als bench_sec13f \
		bench_network
	$(PYTHON) bench/run.py
	$(PYTHON) bench/recommender.py
	$(PYTHON) bench/words.py
	$(PYTHON) bench/implicit_als.py
	$(PYTHON) bench/sec13f.py
	$(PYTHON) bench/holdings.py
	$(PYTHON) bench/network.py

soak:  ## The whole test suite again under the sanitizers: address and undefined, then thread
	$(MAKE) test PRESET=asan
	$(MAKE) test PRESET=tsan

lint: deps-dev configure  ## Formatting, clang-tidy on changed files, include direction, header cost, sizes, words
	$(PYTHON) tools/lint.py --build $(BUILD) --jobs $(JOBS)

format:  ## Format C++ and Python in place
	git ls-files '*.h' '*.cpp' | xargs clang-format -i
	$(PYTHON) -m ruff format --quiet
	$(PYTHON) -m ruff check --quiet --fix

docs-tables: build  ## docs/parameters.md from the models' own descriptions
	$(PYTHON) tools/docs_tables.py $(BUILD)/loadstone docs/parameters.md

clean:  ## Build folders (runs/ and .venv stay)
	rm -rf build web/dist web/node_modules
