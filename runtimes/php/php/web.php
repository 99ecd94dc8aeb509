<?php
// Other servers as PHP's own functions ask them: `http://` and `https://` as files, whose C is web.c's.
namespace Gojinn\Native;

use Gojinn\{HostException, Http};

const REASONS = [
    200 => 'OK', 201 => 'Created', 202 => 'Accepted', 204 => 'No Content', 206 => 'Partial Content',
    301 => 'Moved Permanently', 302 => 'Found', 303 => 'See Other', 304 => 'Not Modified',
    307 => 'Temporary Redirect', 308 => 'Permanent Redirect', 400 => 'Bad Request', 401 => 'Unauthorized',
    403 => 'Forbidden', 404 => 'Not Found', 405 => 'Method Not Allowed', 409 => 'Conflict', 410 => 'Gone',
    413 => 'Content Too Large', 415 => 'Unsupported Media Type', 422 => 'Unprocessable Content', 429 => 'Too Many Requests',
    500 => 'Internal Server Error', 501 => 'Not Implemented', 502 => 'Bad Gateway', 503 => 'Service Unavailable',
    504 => 'Gateway Timeout',
];

/** What is asked for: the arguments of Http::fetch(), by their names. */
final class Asked
{
    /** Header fields of a request by their names, of lines 'Name: value'. */
    public static function fields(iterable $lines): array
    {
        $fields = [];
        foreach ($lines as $line) {
            [$name, $value] = explode(':', $line, 2) + [1 => ''];
            if (trim($name) !== '') {
                $fields[trim($name)][] = trim($value);
            }
        }
        return $fields;
    }

    public static function has(array $headers, string $name): bool
    {
        return in_array(strtolower($name), array_map(strtolower(...), array_keys($headers)), true);
    }

    /** The request that a redirecting answer leads to; null for any other. */
    public static function next(array $asked, array $answer): ?array
    {
        $to = $answer['headers']['Location'][0] ?? null;
        if ($to === null || !in_array($answer['status'], [301, 302, 303, 307, 308], true)) {
            return null;
        }
        $next = ['url' => self::resolved($asked['url'], $to)] + $asked;
        if ($answer['status'] < 307 && !in_array($asked['method'], ['GET', 'HEAD'], true)) {
            $next = ['method' => 'GET', 'body' => null] + $next;
            $next['headers'] = self::without($next['headers'], ['content-type', 'content-length']);
        }
        if (self::origin($next['url']) !== self::origin($asked['url'])) {
            $next['headers'] = self::without($next['headers'], ['authorization', 'cookie']);
        }
        return $next;
    }

    private static function without(array $headers, array $names): array
    {
        return array_filter($headers, static fn ($name) => !in_array(strtolower($name), $names, true), ARRAY_FILTER_USE_KEY);
    }

    private static function origin(string $url): string
    {
        return strtolower((string) preg_replace('{^(https?://)?(?:[^/?#@]*@)?([^/?#]*).*$}is', '$1$2', $url));
    }

    /** RFC 3986, 5.2. */
    private static function resolved(string $base, string $to): string
    {
        preg_match('{^([a-z]+:)//([^/?#]*)([^?#]*)(\?[^#]*)?}i', $base, $parts);
        [, $scheme, $authority, $path, $query] = $parts + array_fill(0, 5, '');
        $path = $path === '' ? '/' : $path;
        $to = explode('#', $to, 2)[0];
        return match (true) {
            (bool) preg_match('{^[a-z][a-z0-9+.-]*:}i', $to) => $to,
            str_starts_with($to, '//') => $scheme . $to,
            $to === '' => "$scheme//$authority$path$query",
            $to[0] === '?' => "$scheme//$authority$path$to",
            default => "$scheme//$authority" . self::straight($to[0] === '/' ? $to : substr($path, 0, strrpos($path, '/') + 1) . $to),
        };
    }

    /** A path without '.' and '..'. */
    private static function straight(string $target): string
    {
        [$path, $query] = preg_split('/(?=\?)/', $target, 2) + [1 => ''];
        $parts = [];
        foreach (explode('/', substr($path, 1)) as $part) {
            if ($part === '..') {
                array_pop($parts);
            } elseif ($part !== '.') {
                $parts[] = $part;
            }
        }
        $folder = preg_match('{/\.{1,2}$}', $path) && $parts !== [] ? '/' : '';
        return '/' . implode('/', $parts) . $folder . $query;
    }

    /** An answer's head, as lines. */
    public static function lines(array $answer): array
    {
        $lines = [rtrim("HTTP/1.1 {$answer['status']} " . (REASONS[$answer['status']] ?? ''))];
        foreach ($answer['headers'] as $name => $values) {
            foreach ($values as $value) {
                $lines[] = "$name: $value";
            }
        }
        return $lines;
    }
}

// What fopen() finds at a URL, with the options of its stream context: ['headers', 'body'], and 'problem' where it fails.
function opened(string $url, array $options): array
{
    $given = $options['http'] ?? $options['https'] ?? [];
    $lines = $given['header'] ?? [];
    $headers = Asked::fields(is_array($lines) ? $lines : preg_split('/\r?\n/', (string) $lines));
    $agent = $given['user_agent'] ?? ini_get('user_agent');
    if ($agent && !Asked::has($headers, 'user-agent')) {
        $headers['User-Agent'] = [$agent];
    }
    $body = isset($given['content']) && $given['content'] !== '' ? (string) $given['content'] : null;
    if ($body !== null && !Asked::has($headers, 'content-type')) {
        $headers['Content-Type'] = ['application/x-www-form-urlencoded'];
    }
    $asked = ['url' => $url, 'method' => strtoupper($given['method'] ?? 'GET'), 'headers' => $headers, 'body' => $body];
    $asked += ['timeout' => (float) ($given['timeout'] ?? ini_get('default_socket_timeout')), 'redirect' => 'manual'];
    $left = ($given['follow_location'] ?? 1) ? (int) ($given['max_redirects'] ?? 20) : 0;
    $told = [];
    try {
        while (true) {
            $answer = Http::fetch(...$asked);
            $told = [...$told, ...Asked::lines($answer)];
            $next = $left > 0 ? Asked::next($asked, $answer) : null;
            if ($next === null) {
                break;
            }
            if (--$left <= 0) {
                return ['headers' => $told, 'problem' => 'Redirection limit reached, aborting'];
            }
            $asked = $next;
        }
    } catch (HostException $error) {
        return ['headers' => $told, 'problem' => $error->getMessage()];
    }
    if ($answer['status'] >= 400 && !($given['ignore_errors'] ?? false)) {
        return ['headers' => $told, 'problem' => 'HTTP request failed! ' . Asked::lines($answer)[0]];
    }
    return ['headers' => $told, 'body' => $answer['body']];
}
