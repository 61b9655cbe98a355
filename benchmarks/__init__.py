"""Speed, as ratios to hand-written NumPy: `python -m benchmarks [table | eager | scaling]`."""
