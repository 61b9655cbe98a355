"""The core: primitives, interpreters, trees and errors. It knows no operation by name."""
