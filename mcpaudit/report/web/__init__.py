"""What the HTML report is made of besides its templates: the data of its scripts, and parts of its pages."""
