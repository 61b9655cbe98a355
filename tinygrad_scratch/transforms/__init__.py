"""The transformations: interpreters (grad, jvp, vmap) and short compositions of them. They name no operation."""
