# The tasks of this project. `make` lists them. On a fresh machine python3 (3.11 or later, with venv), a C++17
# compiler and make are enough; everything else is installed into .venv.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
FUZZ_SECONDS ?= 120
PLATFORM ?= manylinux_2_28_$(shell uname -m)
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
CPP := $(wildcard ext/engine/*.cpp ext/engine/*.hpp ext/engine/*.h ext/engine/*.inc tests/fuzz/*.cpp tests/fuzz/*.hpp)

.DEFAULT_GOAL := help
.PHONY: help demo test build check lint format asan fuzz bench docs wheel clean compiled fetched
.DELETE_ON_ERROR:

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: build  ## set up, generate sample logs, convert them to Parquet, show the result
	@bash docs/demo.sh

test: build $(VENV)/with-test  ## set up, run the tests
	$(PY) -m pytest $(PYTEST)

build: $(VENV)/with-run  ## compile what has changed in ext/, in place
	@$(PY) setup.py -q build_ext --inplace

check: lint asan test fuzz  ## all that CI checks: lint, types, tests, sanitizers, a short fuzz run

lint: build $(VENV)/with-test $(VENV)/with-lint  ## ruff, mypy, cython-lint, clang-format
	ruff check .
	ruff format --check .
	mypy
	cython-lint ext/cython tests/fuzz/fuzz_native.pyx
	clang-format --dry-run -Werror $(CPP)

format: $(VENV)/with-lint  ## format Python and C++ as lint wants them
	ruff check --fix -q . ; ruff format .
	clang-format -i $(CPP)

# A build of its own, so that the in-place one stays. With Python's own allocator a read beyond a short chunk would not
# be seen. Reports go to files: pytest holds back what a process prints before it dies, and a report from a program
# that a test has started counts too.
REPORT := build/asan/report
asan: build $(VENV)/with-test  ## the tests with AddressSanitizer and UBSan, without those of memory bounds and of the Python layer
	@ARROWTRAIL_SANITIZE=address,undefined $(PY) setup.py -q build --build-base build/asan --build-lib build/asan/lib
	PYTHONPATH=build/asan/lib $(PY) -c "import arrowtrail as a; assert 'build/asan' in a.__file__, a.__file__"
	rm -f $(REPORT).*
	LD_PRELOAD="$$($(CXX) -print-file-name=libasan.so) $$($(CXX) -print-file-name=libstdc++.so)" \
	  ASAN_OPTIONS="detect_leaks=0:log_path='$(CURDIR)/$(REPORT)'" UBSAN_OPTIONS="print_stacktrace=1:log_path='$(CURDIR)/$(REPORT)'" \
	  PYTHONPATH="$(CURDIR)/build/asan/lib" PYTHONMALLOC=malloc ARROWTRAIL_RECORDS_DIVISOR=10 \
	  $(PY) -m pytest -p no:cacheprovider -m "not memory and not slow and not python" $(PYTEST) || failed=1; \
	if cat $(REPORT).* 2> /dev/null; then failed=1; fi; exit $${failed:-0}

fuzz: build $(VENV)/with-test  ## FUZZ_SECONDS of libFuzzer (120), then what it found against the oracle
	$(MAKE) --no-print-directory -C tests/fuzz run FUZZ_SECONDS=$(FUZZ_SECONDS)
	ARROWTRAIL_FUZZ_INPUTS=build/fuzz/inputs $(PY) -m pytest -q tests/test_fuzz.py

bench: build $(VENV)/with-test $(VENV)/with-bench  ## measure, write docs/performance.md (a quarter of an hour of a quiet machine)
	$(PY) benchmarks/bench_peers.py --runs 15 --json build/peers.json
	$(PY) -m pytest benchmarks/bench_read.py benchmarks/bench_stages.py --benchmark-json build/stages.json
	$(PY) benchmarks/report.py build/peers.json build/stages.json -o docs/performance.md

docs: build  ## generate docs/log-types.md from the tables
	$(PY) -m arrowtrail.describe > docs/log-types.md

wheel: $(VENV)/with-run $(VENV)/with-release  ## build, repair and audit a wheel; run the tests against it elsewhere, with few generated records
	rm -rf build/wheel && mkdir -p build/wheel
	$(PY) -m build --outdir build/wheel/raw .
	auditwheel repair --plat $(PLATFORM) -w build/wheel build/wheel/raw/*.whl
	abi3audit --strict --report build/wheel/*.whl
	ARROWTRAIL_RECORDS_DIVISOR=100 bash tests/wheel.sh build/wheel/*.whl $(PYTEST)

clean:  ## remove what was built, but not .venv
	rm -rf build src/arrowtrail/_native.*so ext/cython/*.cpp src/*.egg-info

# ---------------------------------------------------------------- .venv

# What pip needs to build with, as pyproject.toml says; builds are made in .venv itself, so that they are incremental.
$(VENV)/requires.txt: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PY) -c "import tomllib as t; print(*t.load(open('pyproject.toml', 'rb'))['build-system']['requires'], sep='\n')" > $@
	$(PY) -m pip install -q -r $@

# What takes longest of a first set-up, for CI to do both at once: the engine, and every package of pyproject.toml.
compiled: $(VENV)/requires.txt
	$(PY) setup.py -q build_ext --inplace

fetched: $(VENV)/requires.txt
	$(PY) -c "import tomllib as t; p = t.load(open('pyproject.toml', 'rb'))['project']; \
	  print(*p['dependencies'], *sum(p['optional-dependencies'].values(), []), sep='\n')" > $(VENV)/fetched.txt
	$(PY) -m pip install -q -r $(VENV)/fetched.txt

$(VENV)/with-run: $(VENV)/requires.txt
	$(PY) setup.py -q build_ext --inplace
	$(PY) -m pip install -q --no-build-isolation -e .
	@touch $@

$(VENV)/with-%: $(VENV)/with-run
	$(PY) -m pip install -q --no-build-isolation -e '.[$*]'
	@touch $@
