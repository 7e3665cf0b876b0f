// When all parts are there: a link into the page may lead into something folded.
reveal();
