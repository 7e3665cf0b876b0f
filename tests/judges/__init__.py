"""Independent judges of what others wrote: each reads a sink's output as its real reader would."""
