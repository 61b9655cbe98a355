"""Graphs and what runs them: recording, passes, plans, and the two executors under `jit`."""
