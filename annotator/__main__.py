"""`python -m annotator` is `knuckle`."""

from annotator.cli import main

main()
