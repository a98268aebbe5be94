"""Who people are: the user pool, the OpenID provider, its pages, and temporary credentials."""
