"""What a request passes before it comes to a route, one concern each; plain ASGI throughout."""
