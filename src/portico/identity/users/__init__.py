"""The people of a pool: signing up and in, passwords, e-mail addresses, groups."""
