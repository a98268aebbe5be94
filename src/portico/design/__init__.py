"""Read an OpenAPI document, check it, and turn it into one immutable model."""
