<?php
namespace Gojinn;

/** Other servers, as far as the host lets the function ask them. */
final class Http
{
    /** Asks a server; any status is an answer: ['status', 'headers' => lists by names, 'body']. */
    public static function fetch(string $url, string $method = 'GET', array $headers = [], ?string $body = null, ?float $timeout = null): array
    {
        $fields = (object) array_map(static fn ($value) => (array) $value, $headers);
        $sent = $body === null ? [] : Host::packed('body', $body);
        $answer = Host::call('http.fetch', ['method' => $method, 'url' => $url, 'headers' => $fields] + $sent + Host::given(timeout: $timeout));
        return ['status' => $answer['status'], 'headers' => $answer['headers'] ?? [], 'body' => Host::unpacked('body', $answer)];
    }
}
