"""Who may do what, and what nobody may see. Decides; serving and enforcing are the callers'."""
