"""How fast the gateway is, beside a bare ASGI function, stock Connexion, FastAPI and Fastify: `python -m bench`."""
