// Keeps the library non-empty on its own.
