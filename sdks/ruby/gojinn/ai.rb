# frozen_string_literal: true

module Gojinn
  # A language model, where the host grants one.
  module AI
    module_function

    # Answers a conversation; a String is a message of the user's, others are { role:, content: } with the role
    # system, user or assistant. Raises Denied, Unavailable.
    def chat(*messages)
      told = messages.map { |each| each.is_a?(String) ? { role: "user", content: each } : each }
      Host.call("ai.chat", messages: told)["message"]["content"]
    end
  end
end
