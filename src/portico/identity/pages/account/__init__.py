"""The pages where people look after their own accounts."""
