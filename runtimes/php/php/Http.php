<?php
namespace Gojinn;

/** Other servers, those that an `allow_host` of the Caddyfile names. Any status is an answer; where there is none it is a
 *  HostException: 'denied', 'timeout', 'unavailable', 'bad-request' or 'too-large'. */
final class Http
{
    /** Asks a server: ['status', 'headers' => lists by names, 'body', 'url' that answered, 'redirected'].
     *  Header fields are texts or lists; `timeout` is in seconds; `redirect` is 'follow', 'manual' or 'error'. */
    public static function fetch(
        string $url,
        string $method = 'GET',
        array $headers = [],
        ?string $body = null,
        ?float $timeout = null,
        string $redirect = 'follow',
    ): array {
        return self::answer(Host::call('http.fetch', self::request($url, $method, $headers, $body, $timeout, $redirect)));
    }

    /** Asks several servers side by side: each request is a URL, or an array of what fetch() takes, by names. The
     *  answers have the requests' keys; a HostException is in the place of one that has failed. */
    public static function all(array $requests): array
    {
        $answers = array_fill_keys(array_keys($requests), null);
        $keys = [];
        while ($requests !== [] || $keys !== []) {
            while ($requests !== [] && count($keys) < self::MOST) {
                $key = array_key_first($requests);
                try {
                    $keys[self::start(...(array) $requests[$key])] = $key;
                } catch (HostException $error) {
                    $answers[$key] = $error;
                }
                unset($requests[$key]);
            }
            if ($keys === []) {
                break;
            }
            [$id, $answers[$keys[$id]]] = self::wait(array_keys($keys));
            unset($keys[$id]);
        }
        return $answers;
    }

    /** Begins what fetch() does and goes on; the id that wait() takes. At most 32 are under way. */
    public static function start(
        string $url,
        string $method = 'GET',
        array $headers = [],
        ?string $body = null,
        ?float $timeout = null,
        string $redirect = 'follow',
    ): int|string {
        return Host::call('http.start', self::request($url, $method, $headers, $body, $timeout, $redirect))['id'];
    }

    /** The first that is done: [id, answer or HostException]. Null when none is after `timeout` seconds. */
    public static function wait(array $ids, ?float $timeout = null): ?array
    {
        $done = Host::call('http.wait', Host::given(ids: $ids, timeout: $timeout));
        if (!isset($done['id'])) {
            return null;
        }
        $error = $done['error'] ?? null;
        $failed = $error === null ? null : new HostException($error['code'], "http.fetch: {$error['message']}");
        return [$done['id'], $failed ?? self::answer($done['answer'])];
    }

    /** Gives one up. */
    public static function cancel(int|string $id): void
    {
        Host::call('http.cancel', ['id' => $id]);
    }

    private const MOST = 32;

    private static function request(string $url, string $method, array $headers, ?string $body, ?float $timeout, string $redirect): array
    {
        $fields = [];
        foreach ($headers as $name => $value) {
            $fields[$name] = array_map(strval(...), array_values((array) $value));
        }
        $asked = ['url' => $url, 'method' => $method, 'headers' => (object) $fields, 'redirect' => $redirect];
        return $asked + ($body === null ? [] : Host::packed('body', $body)) + Host::given(timeout: $timeout);
    }

    private static function answer(array $given): array
    {
        return [
            'status' => $given['status'],
            'headers' => $given['headers'] ?? [],
            'body' => Host::unpacked('body', $given),
            'url' => $given['url'] ?? '',
            'redirected' => $given['redirected'] ?? false,
        ];
    }
}
