"""What each operation does: one module per document in `specs/`, one function per operationId."""
