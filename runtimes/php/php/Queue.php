<?php
namespace Gojinn;

/** Jobs in the background: durable, tried again when they fail. */
final class Queue
{
    /** Sends a job, an array as JSON: ['job' => its id, 'duplicate' => whether there was one with the same `key`]. */
    public static function publish(
        string $queue,
        string|array $body,
        ?float $delay = null,
        ?string $priority = null,
        ?string $key = null,
        ?array $headers = null,
    ): array {
        $text = is_array($body) ? json_encode($body, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR) : $body;
        $more = Host::given(delay: $delay, priority: $priority, key: $key, headers: $headers);
        return Host::call('queue.publish', ['queue' => $queue] + Host::packed('body', $text) + $more);
    }

    /** What is known of a job, in 'state' and others. */
    public static function status(string $job): array
    {
        return Host::call('queue.status', ['job' => $job]);
    }

    /** Calls a job off, also one that runs. Fails as 'conflict' when it is over. */
    public static function cancel(string $job): array
    {
        return Host::call('queue.cancel', ['job' => $job]);
    }
}
