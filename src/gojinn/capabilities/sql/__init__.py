"""SQL for functions: one interface over SQLite, PostgreSQL and MySQL. Knows no runner and no trigger."""
