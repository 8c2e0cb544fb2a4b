"""Every figure as a ratio, measured in one run against a baseline: `python -m benchmarks [name …]`, `--list`.

Times on a shared machine say little; ratios of two things done in turn say much. One file per figure; the first line
of its docstring is what `--list` prints, and its `measure` gives the rows.
"""
