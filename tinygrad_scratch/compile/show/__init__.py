"""Graphs for people: as a program of NumPy calls, as Graphviz text, as a picture."""
