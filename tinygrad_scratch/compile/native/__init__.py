"""Native code for programs, by LLVM through llvmlite, the compiler under numba."""
