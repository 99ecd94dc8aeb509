<?php
namespace Gojinn\Native;

use Gojinn\Request;

/** The variables that scripts for other servers read. */
final class Globals
{
    /** What tells that a source reads what is set here, as with PHP's own `auto_globals_jit`. */
    private const READS = '{_(SERVER|GET|POST|FILES|COOKIE|REQUEST)\b|php://input|request_parse_body|filter_(has_var|input)}i';
    private static bool $read = true;
    private static string $file = '';
    private static string $folder = '';
    private static string $script = '';
    /** Names in $_SERVER by those of header fields, null for what is not told: `Proxy` would be a setting of many
     *  libraries (httpoxy), and a name with '_' would be taken for the one with '-'. */
    private static array $names = ['Proxy' => null, 'Content-Type' => 'CONTENT_TYPE', 'Content-Length' => 'CONTENT_LENGTH'];

    /** Takes the main file, such as 'public/index.php'. */
    public static function prepare(string $main): void
    {
        self::$read = (bool) preg_grep(self::READS, sources());
        self::$file = "/$main";
        self::$folder = dirname("/$main");
        self::$script = '/' . basename($main);
        $known = 'Accept Accept-Encoding Accept-Language Authorization Cache-Control Connection Cookie Host Origin Referer User-Agent '
            . 'Forwarded X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Requested-With X-Real-Ip X-Request-Id Traceparent';
        foreach (explode(' ', $known) as $name) {
            self::$names[$name] = 'HTTP_' . strtoupper(strtr($name, '-', '_'));
        }
    }

    public static function set(Request $request, string $scheme): void
    {
        if (!self::$read) {
            return;
        }
        $_GET = $_REQUEST = $request->query;
        $_POST = $_FILES = $_COOKIE = [];
        self::server($request, $scheme);
        if (isset($request->headers['Cookie'])) {
            self::cookies($request->headers['Cookie']);
        }
        if ($request->body !== '') {
            input($request->body);
            $type = $request->headers['Content-Type'][0] ?? '';
            if (stripos($type, 'form') !== false) {
                Forms::read($type, $request->body);
            }
        }
    }

    private static function server(Request $request, string $scheme): void
    {
        $headers = $request->headers;
        $time = microtime(true);
        $search = strpos($request->uri, '?');
        $host = $headers['Host'][0] ?? 'localhost';
        $colon = strrpos($host, ':');
        $named = $colon !== false && $host[-1] !== ']';
        $below = $request->path === '/' ? '' : $request->path;
        $server = [
            'REQUEST_METHOD' => $request->method,
            'REQUEST_URI' => $request->uri,
            'QUERY_STRING' => $search === false ? '' : substr($request->uri, $search + 1),
            'DOCUMENT_ROOT' => self::$folder,
            'SCRIPT_FILENAME' => self::$file,
            'SCRIPT_NAME' => self::$script,
            'PHP_SELF' => self::$script . $below,
            'GATEWAY_INTERFACE' => 'CGI/1.1',
            'SERVER_SOFTWARE' => 'Gojinn',
            'SERVER_PROTOCOL' => 'HTTP/1.1',
            'SERVER_NAME' => $named ? substr($host, 0, $colon) : $host,
            'SERVER_PORT' => $named ? substr($host, $colon + 1) : ($scheme === 'https' ? '443' : '80'),
            'REQUEST_SCHEME' => $scheme,
            'REMOTE_ADDR' => $request->clientIp,
            'REQUEST_TIME' => (int) $time,
            'REQUEST_TIME_FLOAT' => $time,
        ];
        if ($below !== '') {
            $server['PATH_INFO'] = $below;
        }
        if ($scheme === 'https') {
            $server['HTTPS'] = 'on';
        }
        foreach ($headers as $name => $values) {
            $known = self::$names[$name] ?? self::named((string) $name);
            if ($known !== null) {
                $server[$known] = isset($values[1]) ? implode($name === 'Cookie' ? '; ' : ', ', $values) : $values[0];
            }
        }
        if (isset($headers['Authorization'])) {
            $server += self::credentials($headers['Authorization'][0]);
        }
        $_SERVER = $server;
    }

    private static function named(string $name): ?string
    {
        return $name === 'Proxy' || str_contains($name, '_') ? null : 'HTTP_' . strtoupper(strtr($name, '-', '_'));
    }

    private static function credentials(string $given): array
    {
        [$scheme, $rest] = explode(' ', $given, 2) + [1 => ''];
        if (strcasecmp($scheme, 'Basic') !== 0) {
            return [];
        }
        [$user, $password] = explode(':', (string) base64_decode($rest), 2) + [1 => ''];
        return ['PHP_AUTH_USER' => $user, 'PHP_AUTH_PW' => $password, 'AUTH_TYPE' => 'Basic'];
    }

    /** As PHP reads them: the first of a name holds, and a[b] is a member. */
    private static function cookies(array $given): void
    {
        $pairs = [];
        foreach (explode(';', implode(';', $given)) as $pair) {
            [$name, $value] = explode('=', ltrim($pair), 2) + [1 => null];
            if ($value !== null && !isset($pairs[$name])) {
                $pairs[$name] = rawurlencode($name) . '=' . rawurlencode(urldecode($value));
            }
        }
        parse_str(implode('&', $pairs), $_COOKIE);
    }
}
