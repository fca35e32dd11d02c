PYTHON ?= python3

.PHONY: run test lint bench screenshots

run:
	@$(PYTHON) tools/set_up.py desk && sh tools/demo.sh

test:
	@$(PYTHON) tools/set_up.py test && sh tools/check.sh all

lint:
	@$(PYTHON) tools/set_up.py test && sh tools/check.sh

bench:
	@$(PYTHON) tools/set_up.py test && QT_QPA_PLATFORM=offscreen .venv/bin/python -m benchmarks

screenshots:
	@$(PYTHON) tools/set_up.py test && QT_QPA_PLATFORM=offscreen .venv/bin/python -m tools.screenshots
