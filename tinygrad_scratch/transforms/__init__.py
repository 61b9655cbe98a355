"""The transformations: interpreters (grad, jvp, vmap) and short compositions of them. They know no operation by name."""
