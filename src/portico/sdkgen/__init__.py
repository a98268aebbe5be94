"""Client SDKs from a design: model -> plan -> packages, one folder a language."""
