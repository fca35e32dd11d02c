"""The verbs of `python -m detector`, a module each.

`add(verbs)` of a module puts its verb into the parser and sets `run`, which takes the parsed arguments and
returns the exit status. What a verb needs beyond parsing it imports when it runs, so that `--help` is quick
and a verb without torch does without torch.
"""
