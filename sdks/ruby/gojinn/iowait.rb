# frozen_string_literal: true

# Stands for Ruby's own `io/wait`, which a sandbox has not: there is nothing to wait for.
