"""What is kept and what is let go: rules, removal, and the bin."""
