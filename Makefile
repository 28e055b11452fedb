# Every target installs what it misses and says so; see `make help`.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# SwiftPM finds Arrow through pkg-config.
export PKG_CONFIG_PATH := $(CURDIR)/.deps/arrow/lib/pkgconfig:$(PKG_CONFIG_PATH)

SETUP := deploy/setup/install.sh
LOCAL := deploy/local

.PHONY: help
help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{ printf "  make %-14s %s\n", $$1, $$2 }'

.PHONY: setup
setup: ## Install what building and testing needs (Debian packages, Arrow, SeaweedFS)
	@$(SETUP) build test

.PHONY: run
run: ## Clean a made-up dirty table on this machine and show the report
	@$(LOCAL)/run.sh

.PHONY: test
test: ## Run every test, against real servers started for them (ARGS="--filter Name" to choose)
	@$(LOCAL)/test.sh $(ARGS)

.PHONY: build
build: ## Debug build of everything
	@$(SETUP) build
	swift build --build-tests

.PHONY: release
release: ## Release build: all binaries in .build/release, with the Arrow libraries beside them; they need no Swift toolchain
	@$(SETUP) build
	swift build -c release --static-swift-stdlib
	@$(LOCAL)/bundle.sh .build/release

.PHONY: up
up: ## Start PostgreSQL, RabbitMQ and the four services here (WORKERS=2 of each kind); writes .run/env
	@$(LOCAL)/up.sh

.PHONY: down
down: ## Stop what `make up` started and remove its data
	@$(LOCAL)/down.sh

.PHONY: demo
demo: ## Send a made-up table through the services and show the report
	@$(LOCAL)/demo.sh

.PHONY: bench
bench: ## Full clean against Polars (exact dedup and imputation only) on 1 M made-up rows (PAIRS=5 ROWS=1m)
	@Tests/Benchmarks/bench.sh versus-polars --rows $(or $(ROWS),1m) --pairs $(or $(PAIRS),5)

.PHONY: bench-tiers
bench-tiers: ## Tiers of near-duplicate matching against Splink on 1 M made-up rows: time alone, pairs, memory, accuracy (PAIRS=5 ROWS=1m)
	@Tests/Benchmarks/bench.sh tiers --rows $(or $(ROWS),1m) --pairs $(or $(PAIRS),5)

.PHONY: bench-large
bench-large: ## Full clean of 10 M made-up rows within 512 MiB (ROWS=10m MEMORY=512MiB)
	@Tests/Benchmarks/bench.sh large --rows $(or $(ROWS),10m) --memory $(or $(MEMORY),512MiB)

.PHONY: bench-readers
bench-readers: ## Reading speed on one thread against Arrow, DuckDB and Polars, CSV, JSON Lines and Parquet (ROWS=1m ROUNDS=3)
	@Tests/Benchmarks/readers.sh speed --rows $(or $(ROWS),1m) --rounds $(or $(ROUNDS),3)

.PHONY: conformance
conformance: ## Public parsing test sets in DATA=dir, and bombs and monsters made here
	@Tests/Benchmarks/readers.sh conformance "$(or $(DATA),$(error give DATA=dir))"

.PHONY: accuracy
accuracy: ## Duplicates and repairs in made-up tables (ROWS=200k) and public sets (DATA=dir) against their truth
	@Tests/Benchmarks/bench.sh accuracy --rows $(or $(ROWS),200k) $(if $(DATA),--data $(DATA))

.PHONY: torture
torture: ## Jobs under injected faults, every invariant checked (JOBS=n SEED=s FAULTS=short|all|names MINUTES=n ARGS=...)
	@Tests/Torture/torture.sh $(if $(JOBS),--jobs $(JOBS)) $(if $(SEED),--seed $(SEED)) $(if $(FAULTS),--faults "$(FAULTS)") \
	  $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

.PHONY: fuzz
fuzz: ## Fuzz the readers and decoders with libFuzzer and the address sanitizer (TARGETS="csv json" SECONDS_EACH=60)
	@Tests/Fuzzing/fuzz.sh $(or $(SECONDS_EACH),60) $(TARGETS)

.PHONY: churn
churn: ## Many small jobs: does any service keep memory, descriptors or threads (JOBS=10000, BINARIES=.build/release)
	@Tests/Torture/torture.sh measure churn --jobs $(or $(JOBS),10000)

.PHONY: load
load: ## Jobs a second with 2 workers of each kind: sustained, overloaded, under faults (BINARIES=.build/release)
	@Tests/Torture/torture.sh measure load

.PHONY: check
check: ## Formatting, warnings as errors, scripts, compose file, manifests; with DATA=dir accuracy on the public sets, too
	@DATA="$(DATA)" $(LOCAL)/check.sh

.PHONY: format
format: ## Format every Swift file
	swift format --in-place --parallel --recursive Package.swift Services Shared Tests

.PHONY: clean
clean: ## Remove what was built and made here (not what was downloaded)
	@if [ -f .run/up ]; then $(LOCAL)/down.sh; fi
	rm -rf .build .run .bench .torture
