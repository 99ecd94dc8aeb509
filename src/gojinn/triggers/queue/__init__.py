"""Queues: durable jobs that functions are run for. How jobs are kept is `fabric.jobs`'."""
