using System;
using System.Collections.Generic;
using System.Linq;

namespace Gojinn
{
    /// <summary>A language model, where the host grants one.</summary>
    public static class Ai
    {
        /// <summary>One message of a conversation.</summary>
        public sealed class Message
        {
            /// <summary>Makes one; the role is system, user or assistant.</summary>
            public Message(string role, string content)
            {
                Role = role ?? throw new ArgumentNullException(nameof(role));
                Content = content ?? throw new ArgumentNullException(nameof(content));
            }

            /// <summary>Who says it.</summary>
            public string Role { get; }

            /// <summary>What is said.</summary>
            public string Content { get; }
        }

        /// <summary>Answers a message of the user's.</summary>
        public static string Chat(string message) => Chat(new Message("user", message));

        /// <summary>Answers a conversation.</summary>
        /// <exception cref="DeniedException">The host does not grant one.</exception>
        public static string Chat(params Message[] messages)
        {
            var told = messages.Select(each => Fields.Of("role", each.Role).With("content", each.Content)).ToList();
            return Host.Text((Dictionary<string, object>)Host.Call("ai.chat", new Fields { ["messages"] = told })["message"], "content");
        }
    }
}
