"""How fast arrowtrail is, beside whom, and whether both are right. README.md says which script answers what."""
