<?php
// What the runtime's C calls: taking the handler, answering a request. The C functions in this namespace are host.c's.
namespace Gojinn\Native;

use Gojinn\{HostException, Request, Response};

const FAILED = '{"status":500,"headers":{"Content-Type":["application/problem+json"]},'
    . '"body":"{\"title\":\"the function failed\",\"status\":500}"}';

const REHEARSAL = '{"method":"POST","uri":"/a%20b?a=b%20c","headers":{"Accept":["text/html"],"Content-Type":["text/plain"],'
    . '"Cookie":["a=b"]},"body":"{\"a\":[1,1.5,null]}","trace_id":"","tenant":"default"}';

final class State
{
    public static mixed $handler = null;
    /** What the main file ended with. */
    public static ?string $problem = null;
}

set_exception_handler(function (\Throwable $error): void {
    State::$problem = report($error);
});

// Takes the handler that the main file returned or defined; what is to be said of one that is missing.
function adopt(string $main, mixed $returned): ?string
{
    if (State::$problem !== null) {
        return State::$problem;
    }
    $handler = is_callable($returned) ? $returned : (function_exists('handle') ? 'handle' : null);
    if ($handler === null) {
        $what = "$main defines no function 'handle' and returns no function";
        return "$what: write 'function handle(Gojinn\\Request \$request) { … }'";
    }
    State::$handler = $handler;
    return null;
}

// Does what each request does, with handlers of its own: PHP then knows which functions are called where, and need not
// write that into memory that requests share until they do.
function rehearse(): void
{
    $globals = [$_GET, $_POST, $_SERVER, $_COOKIE];
    $handler = State::$handler;
    $handlers = [
        fn (Request $request): Response => Response::json($request->json(), 201, ['X-A' => ['1', '2']]),
        fn (Request $request): Response => Response::text($request->path . $request->header('accept')),
        fn (): array => ['a' => 1.5],
        function (): void {
            echo 'written';
        },
    ];
    // What the main file has begun to write belongs to the answers.
    foreach (ob_get_level() === 0 ? $handlers : [] as State::$handler) {
        invoke(REHEARSAL);
    }
    State::$handler = $handler;
    [$_GET, $_POST, $_SERVER, $_COOKIE] = $globals;
}

// The answer's JSON to an envelope's.
function invoke(string $envelope): string
{
    $given = json_decode($envelope, true, 512, JSON_THROW_ON_ERROR);
    $request = Request::of($given);
    globals($request, $given['headers']);
    ob_start();
    try {
        $answer = (State::$handler)($request);
        if ($answer === null && ob_get_length() === 0 && http_response_code() === false && headers_list() === []) {
            throw new \TypeError('the handler returned nothing and wrote nothing, expected a Gojinn\\Response, an array or a text');
        }
        return $answer === null ? written() : returned($answer);
    } catch (\Throwable $error) {
        drop();
        log(3, report($error));
        return FAILED;
    }
}

// Answers with what was written, as `exit` and handlers that return nothing do.
function written(): string
{
    $body = '';
    while (ob_get_level() > 0) {
        $body = ob_get_clean() . $body;
    }
    $headers = [];
    foreach (headers_list() as $line) {
        [$name, $value] = explode(':', $line, 2);
        $headers[trim($name)][] = trim($value);
    }
    return (new Response($body, http_response_code() ?: 200, $headers))->encoded();
}

function returned(mixed $answer): string
{
    $text = match (true) {
        $answer instanceof Response => $answer->encoded(),
        is_string($answer) => Response::html($answer)->encoded(),
        is_array($answer), $answer instanceof \JsonSerializable, $answer instanceof \stdClass => Response::json($answer)->encoded(),
        default => throw new \TypeError('the handler returned ' . get_debug_type($answer) . ', expected a Gojinn\\Response, an array or a text'),
    };
    drop();
    return $text;
}

// What was written beside a response goes to the log.
function drop(): void
{
    $text = '';
    while (ob_get_level() > 0) {
        $text = ob_get_clean() . $text;
    }
    foreach ($text === '' ? [] : explode("\n", rtrim($text, "\n")) as $line) {
        log(1, $line);
    }
}

// The variables that scripts for other servers read.
function globals(Request $request, array $headers): void
{
    $_GET = $request->query;
    $_POST = [];
    if (str_starts_with($request->header('content-type') ?? '', 'application/x-www-form-urlencoded')) {
        parse_str($request->body, $_POST);
    }
    $_SERVER = [
        'REQUEST_METHOD' => $request->method,
        'REQUEST_URI' => $request->uri,
        'QUERY_STRING' => parse_url($request->uri, PHP_URL_QUERY) ?? '',
        'REMOTE_ADDR' => $request->clientIp,
        'REQUEST_TIME' => time(),
        'REQUEST_TIME_FLOAT' => microtime(true),
    ];
    foreach ($headers as $name => $values) {
        $_SERVER['HTTP_' . strtoupper(strtr($name, '-', '_'))] = implode(', ', $values);
    }
    $_COOKIE = [];
    foreach (explode(';', $request->header('cookie') ?? '') as $pair) {
        if (str_contains($pair, '=')) {
            [$name, $value] = explode('=', trim($pair), 2);
            $_COOKIE[$name] = urldecode($value);
        }
    }
}

// An error's text, with where it happened.
function report(\Throwable $error): string
{
    $class = $error::class;
    $lines = [$error->getMessage() . (in_array($class, ['Exception', 'Error', HostException::class], true) ? '' : " ($class)")];
    $place = $error->getFile() . ':' . $error->getLine();
    foreach ($error->getTrace() as $frame) {
        $name = ($frame['class'] ?? '') . ($frame['type'] ?? '') . $frame['function'];
        $ours = str_starts_with($place, 'gojinn:');
        $lines[] = $ours ? null : "    at $place in $name()";
        $place = ($frame['file'] ?? 'gojinn:') . ':' . ($frame['line'] ?? 0);
    }
    $lines[] = str_starts_with($place, 'gojinn:') ? null : "    at $place";
    $before = $error->getPrevious();
    return implode("\n", array_filter($lines)) . ($before ? "\nbecause: " . report($before) : '');
}
