"""Functions that run for messages of an MQTT broker."""
