"""The data and the parts of the HTML report."""
