# The front door: each target does all the set-up it needs, and can be run twice.
#   make demo    install what is missing, build, run the HARQ link without a display
#   make test    the same, with the trainer's packages, and run every test
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PYTHON := $(VENV)/bin/python
JOBS ?= $(shell nproc)
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# What is built and run with; GNU Radio owns the distribution's Python, so Python packages that
# the run time needs come from the distribution too.
PACKAGES := gnuradio gnuradio-dev g++ cmake ninja-build pkg-config ccache \
	libhwy-dev pybind11-dev nlohmann-json3-dev libboost-test-dev \
	python3-dev python3-venv python3-yaml python3-matplotlib
TEST_PACKAGES := python3-pytest python3-scipy
GUI_PACKAGES := gir1.2-gtk-3.0 python3-gi-cairo xterm
BENCH_PACKAGES := libeigen3-dev

.PHONY: help demo test test-core test-trainer bench figures gui lint setup build \
	trainer-packages bench-packages packages test-packages gui-packages clean

help:
	@echo "make demo     set up, build, and run the HARQ link on compressed soft bits (no display needed)"
	@echo "make test     set up, build, and run every test (fetches PyTorch 2.13.0 for the trainer)"
	@echo "make test-core  the C++, block, GRC and figure tests alone: no PyTorch"
	@echo "make bench    measure speed against the peers; writes results/bench.json"
	@echo "make figures  reproduce every figure; writes results/*.json and *.png"
	@echo "make gui      open the HARQ link in GNU Radio Companion"

# -- set-up ------------------------------------------------------------------------------------
# $(call install,PACKAGES): ask the distribution only for what is missing.
define install
	@missing=$$(for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null \
		| grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
		echo "== Installing from the distribution:" $$missing; \
		command -v apt-get >/dev/null || { \
			echo "This set-up knows apt only. Install these by hand, then run make again:" $$missing; exit 1; }; \
		$(SUDO) apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing \
			>.apt.log 2>&1 || { tail -n 20 .apt.log; exit 1; }; rm -f .apt.log; \
	fi
endef

packages:
	$(call install,$(PACKAGES))
test-packages: setup
	$(call install,$(TEST_PACKAGES))
	@$(PYTHON) -c 'import safetensors' 2>/dev/null || $(VENV)/bin/pip install -q \
		--disable-pip-version-check -c $(VENV)/constraints.txt safetensors
gui-packages: packages
	$(call install,$(GUI_PACKAGES))

# GNU Radio belongs to /usr/bin/python3, so the environment is made on that one and sees its packages.
$(VENV)/constraints.txt: constraints.txt | packages
	@[ -x $(PYTHON) ] || { echo "== Making the Python environment in $(VENV)"; \
		/usr/bin/python3 -m venv --system-site-packages $(VENV); }
	@cp constraints.txt $@.new
	@$(PYTHON) -c 'import numpy; print("numpy==" + numpy.__version__)' >>$@.new
	@mv $@.new $@

setup: packages $(VENV)/constraints.txt

build: setup
	@[ -f build/build.ninja ] || { echo "== Configuring"; \
		cmake -S . -B build -G Ninja -DCMAKE_INSTALL_PREFIX=$(CURDIR)/$(VENV) \
			-DPython3_EXECUTABLE=$(CURDIR)/$(PYTHON) >build.log 2>&1 \
			|| { tail -n 30 build.log; rm -rf build; exit 1; }; rm -f build.log; }
	@echo "== Building (the first time takes a few minutes)"
	@cmake --build build -j $(JOBS) >build/build.log 2>&1 || { tail -n 40 build/build.log; exit 1; }
	@cmake --install build >build/install.log || { tail -n 20 build/install.log; exit 1; }

trainer-packages: setup
	@$(PYTHON) -c 'import torch, safetensors, torchac, tensorboard, tqdm, onnx' 2>/dev/null || { \
		echo "== Fetching the trainer's packages (PyTorch)"; \
		$(VENV)/bin/pip install -q --disable-pip-version-check -c $(VENV)/constraints.txt \
			torch==2.13.0 safetensors tqdm tensorboard torchac==0.9.3 ninja onnx ruff; }

bench-packages: trainer-packages
	$(call install,$(BENCH_PACKAGES))
	@$(PYTHON) -c 'import onnx, onnxruntime' 2>/dev/null || { \
		echo "== Fetching the peers that the benchmark measures against"; \
		$(VENV)/bin/pip install -q --disable-pip-version-check -c $(VENV)/constraints.txt \
			onnx onnxscript onnxruntime; }

# -- what people come for ----------------------------------------------------------------------
demo: build
	@$(VENV)/bin/fewbit demo --output results
	@echo "Next: 'make gui' for the same link with live plots, or '$(VENV)/bin/fewbit reproduce softbit-bler --quick'."

test: test-core test-trainer
	@echo "All tests passed. Next: 'make demo', or 'make bench' for the speed figures."

test-core: build test-packages
	@cmake --build build -j $(JOBS) --target fewbit_tests >build/tests.log 2>&1 || { tail -n 40 build/tests.log; exit 1; }
	@ctest --test-dir build --output-on-failure
	@$(PYTHON) -m pytest tests/algorithms tests/blocks tests/grc tests/lab tests/package

test-trainer: build test-packages trainer-packages
	@$(VENV)/bin/ruff check .
	@$(PYTHON) -m pytest tests/trainer

bench: build bench-packages
	@$(VENV)/bin/fewbit bench --output results
	@echo "Next: results/bench.json holds every row; docs/benchmarks.md tells how to read them."

figures: build trainer-packages
	@$(VENV)/bin/fewbit reproduce all --output results --workers $(JOBS) || [ $$? = 1 ]
	@echo "Next: look at results/*.png; docs/figures.md tells what each shows."

gui: build gui-packages
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" GRC_BLOCKS_PATH="$(CURDIR)/$(VENV)/share/gnuradio/grc/blocks" \
		$(PYTHON) $$(command -v gnuradio-companion) examples/harq_link.grc

lint: trainer-packages
	@$(VENV)/bin/ruff check .

clean:
	rm -rf build $(VENV)
