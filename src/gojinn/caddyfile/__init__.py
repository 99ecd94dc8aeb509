"""The Caddyfile's grammar: text to tokens, tokens to a tree, tree to formatted text. Knows no directive."""
