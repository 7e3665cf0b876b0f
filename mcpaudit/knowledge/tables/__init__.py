"""Tables of what providers publish about their own calls and permissions; each begins with its source."""
