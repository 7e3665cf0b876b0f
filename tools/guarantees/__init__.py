"""docs/guarantees.md: each promise, the tests that hold it, and what their last run counted."""
