"""The clients, one file or folder each; they know nothing of each other."""
