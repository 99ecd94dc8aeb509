<?php
// What the runtime's C calls: taking the handler, answering a request. The C functions in this namespace are host.c's.
namespace Gojinn\Native;

use Gojinn\{Request, Response};

const FAILED = '{"status":500,"headers":{"Content-Type":["application/problem+json"]},'
    . '"body":"{\"title\":\"the function failed\",\"status\":500}"}';

const REHEARSAL = '{"method":"POST","uri":"/a%20b?a=b%20c","headers":{"Accept":["text/html"],"Content-Type":["text/plain"],'
    . '"Content-Length":["14"],"Cookie":["a=b"],"Host":["localhost:8080"],"User-Agent":["a"]},"body":"{\"a\":[1,1.5,null]}","trace_id":"","tenant":"default"}';

final class State
{
    public static mixed $handler = null;
    public static ?Request $request = null;
    /** The answer's JSON, null where it is what was written. */
    public static ?string $answer = null;
    /** Whether the handler has returned, instead of ending with exit(). */
    public static bool $returned = false;
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
    Globals::prepare($main);
    return null;
}

// Does what each request does, with handlers of its own: PHP then knows which functions are called where, and need not
// write that into memory that requests share until they do.
function rehearse(): void
{
    $globals = [$_GET, $_POST, $_REQUEST, $_FILES, $_SERVER, $_COOKIE];
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
        answer();
    }
    input('');
    State::$handler = $handler;
    State::$request = null;
    [$_GET, $_POST, $_REQUEST, $_FILES, $_SERVER, $_COOKIE] = $globals;
}

// Has the handler answer to an envelope's JSON.
function invoke(string $envelope): void
{
    State::$answer = null;
    State::$returned = false;
    try {
        $given = json_decode($envelope, true, 512, JSON_THROW_ON_ERROR);
        $request = State::$request = Request::of($given);
        Globals::set($request, $given['scheme'] ?? 'http');
        $answer = (State::$handler)($request);
        State::$answer = $answer === null ? null : returned($answer);
        State::$returned = true;
    } catch (\Throwable $error) {
        State::$answer = FAILED;
        log(3, report($error));
    }
}

// The answer's JSON, when what was registered for the end has been called.
function answer(): string
{
    $written = written();
    if (State::$answer !== null) {
        // What was written beside a response goes to the log.
        foreach ($written === '' ? [] : explode("\n", rtrim($written, "\n")) as $line) {
            log(1, $line);
        }
        return State::$answer;
    }
    try {
        $headers = [];
        foreach (headers_list() as $line) {
            [$name, $value] = explode(':', $line, 2);
            $headers[trim($name)][] = trim($value);
        }
        $status = http_response_code();
        if (State::$returned && $written === '' && $status === false && $headers === []) {
            throw new \TypeError('the handler returned nothing and wrote nothing, expected a Gojinn\Response, an array or a text');
        }
        return (new Response($written, $status ?: 200, typed($headers, $written)))->encoded();
    } catch (\Throwable $error) {
        log(3, report($error));
        return FAILED;
    }
}

// A page is HTML where nothing else was said.
function typed(array $headers, string $written): array
{
    $said = $written === '' || array_filter(array_keys($headers), static fn ($name) => strcasecmp($name, 'content-type') === 0);
    return $said ? $headers : $headers + ['Content-Type' => 'text/html; charset=UTF-8'];
}

function returned(mixed $answer): string
{
    return match (true) {
        $answer instanceof Response => $answer->encoded(),
        is_string($answer) => Response::html($answer)->encoded(),
        is_array($answer), $answer instanceof \JsonSerializable, $answer instanceof \stdClass => Response::json($answer)->encoded(),
        default => throw new \TypeError('the handler returned ' . get_debug_type($answer) . ', expected a Gojinn\Response, an array or a text'),
    };
}
