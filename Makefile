# Thin: each target calls the tool, which says what it does. `bin/pinwheel --help` has the rest.
TOOL = bin/pinwheel

.PHONY: help run test check docs build bench cuts clean

help: ## List these targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: ## Build the default image, boot it in a virtual machine, print how to enter it
	@$(TOOL) run metal-base

build: ## Build the default image
	@$(TOOL) build metal-base

test: ## Set everything up and run every test
	@$(TOOL) test

check: ## Types, lint, format and dead code, in seconds
	@$(TOOL) check

docs: ## Write the documentation: pages in build/docs, and what of it is committed
	@$(TOOL) openapi
	@$(TOOL) settings docs

bench: ## Run the benchmarks, each beside its peer
	@$(TOOL) bench

cuts: ## Cut the power in the middle of an update, 60 times; an hour and a half
	@PINWHEEL_UPDATE_CUTS=60 $(TOOL) test update-faults

clean: ## Remove what builds left in build/ (the caches of the user stay)
	rm -rf build
