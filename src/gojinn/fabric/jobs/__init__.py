"""Jobs: durable calls of functions, where they wait, what became of them. Runs none."""
