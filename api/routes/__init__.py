"""The routes, by area: each turns a request into a call of the service."""
