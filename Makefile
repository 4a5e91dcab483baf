# Thin targets over scripts/: read those for what really happens.
# `make serve` and `make test` install what is missing first (see scripts/setup.sh).

PORT ?= 8080

.DEFAULT_GOAL := help
.PHONY: help setup serve test audit dist bench lint fmt clean

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: ## Install every tool that is missing (into a cache outside the clone)
	@scripts/setup.sh all

serve: ## Build the app and serve it on http://127.0.0.1:8080 (other port: PORT=9000)
	@scripts/dist.sh
	@exec node scripts/serve.mjs --dir dist --port $(PORT)

test: ## Run every test, the browser ones included; the last line is the summary
	@scripts/test.sh

audit: ## Audit a project natively: make audit PROJECT=path [ARGS="--format json"]
	@scripts/audit.sh "$(PROJECT)" $(ARGS)

dist: ## Build the static folder dist/, which any static host can serve under any path
	@scripts/dist.sh

bench: ## Measure the audit against ruff on the same files
	@scripts/bench.sh

lint: ## Formatting and clippy (host and wasm32) with warnings denied
	@scripts/lint.sh

fmt: ## Format the Rust code
	@scripts/setup.sh rust
	@cargo fmt --all

clean: ## Remove what was built in this clone (the tool cache stays)
	@rm -rf target dist tests/e2e/node_modules tests/e2e/artifacts tests/e2e/test-results
