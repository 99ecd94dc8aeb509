<?php
namespace Gojinn;

/** The language model that the host is configured with. */
final class Ai
{
    /** Answers a text, or a list of messages ['role' =>, 'content' =>]. */
    public static function chat(string|array $messages): string
    {
        $asked = is_string($messages) ? [['role' => 'user', 'content' => $messages]] : $messages;
        return Host::call('ai.chat', ['messages' => $asked])['message']['content'];
    }
}
