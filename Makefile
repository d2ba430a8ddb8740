# `make demo` and `make test` are all that a new clone needs: the environment is made on demand.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test docs fuzz mutate lint bench bench-peers clean

# Stale when the dependencies or their pins have changed since it was made.
.venv/installed: pyproject.toml constraints.txt
	rm -rf .venv
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "infomax needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade --constraint constraints.txt pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[augment,dialogue,graphs,metric-learning,mlflow,onnx,ray,tensorboard]' --group dev
	touch $@

demo: .venv/installed
	$(BIN)/infomax reproduce --preset quick --out runs/demo --overwrite

# Modules are compiled once, not by each of the processes that tests start, even where the
# environment asks for no bytecode.
test: .venv/installed
	OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# The site, in build/docs/html: all its cells and examples are run, but those of which neither they
# nor the package has changed since; then its links are followed and its pages looked at.
.venv/docs: .venv/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group docs
	touch $@

docs: .venv/docs
	OMP_NUM_THREADS=1 $(BIN)/python -m sphinx --quiet --fail-on-warning -d build/docs/doctrees docs build/docs/html
	$(BIN)/python -m pytest -q docs/_checks

# What is done to files in `make test`, thousands of times instead of a hundred.
fuzz: .venv/installed
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 tests/faults --hypothesis-profile=fuzz

# What tests let pass, one small change of the code at a time: docs/tests.md. Go on with it by the
# same command; see what a change was with `mutmut show NAME`.
mutate: .venv/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group mutate
	OMP_NUM_THREADS=1 $(BIN)/mutmut run --max-children 1
	$(BIN)/mutmut results

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/installed
	$(BIN)/python -m pytest benchmarks -m 'not peers'

# Environments of other packages are made in .peers where they are not there yet.
bench-peers: .venv/installed
	$(BIN)/python -m pytest benchmarks -m peers

clean:
	rm -rf .venv dist build mutants .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
