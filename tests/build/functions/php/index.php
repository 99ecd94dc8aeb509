<?php
// Does what tests/build/test_php.py asks.
use Gojinn\{Kv, Request, Response};

require_once 'lib/a.php';
require_once __DIR__ . '/lib/a.php';

$count = 0;

function fresh(): array
{
    $list = range(1, 100);
    shuffle($list);
    return [
        'random_int' => random_int(0, PHP_INT_MAX),
        'mt_rand' => mt_rand(),
        'rand' => rand(),
        'lcg' => lcg_value(),
        'bytes' => bin2hex(random_bytes(8)),
        'shuffle' => $list,
        'uniqid' => uniqid('', true),
        'time' => time(),
        'env' => getenv('GREETING'),
        'count' => ++$GLOBALS['count'],
    ];
}

function integers(): array
{
    return [
        'size' => PHP_INT_SIZE,
        'max' => PHP_INT_MAX,
        'product' => 3_000_000_000 * 3,
        'shift' => 1 << 40,
        'hex' => dechex(PHP_INT_MAX),
        'decoded' => json_decode('9007199254740993'),
        'date' => gmdate('Y-m-d', 2 ** 32),
        'pack' => unpack('q', pack('q', 2 ** 40 + 5))[1],
        'printf' => sprintf('%d', 1 << 40),
        'overflow' => gettype(PHP_INT_MAX + 1),
        'sum' => array_sum([2 ** 32, 2 ** 32]),
        'key' => array_key_first([2 ** 35 => true]),
    ];
}

function leave(): void
{
    register_shutdown_function(function () { echo "later\n"; });
    http_response_code(418);
    header('Content-Type: text/plain');
    echo "hello, {$_GET['name']} {$_COOKIE['a']}\n";
    exit(3);
}

function written(): array
{
    echo "one\ntwo\n";
    ob_start();
    include 'lib/page.phtml';
    $page = ob_get_clean();
    return ['lib' => A\NAME . ', ' . $page . $nope, 'post' => $_POST];
}

function fail(string $name): mixed
{
    return match ($name) {
        'exception' => throw new RuntimeException('on purpose'),
        'previous' => throw new Exception('outer', 0, new Exception('inner')),
        'type' => strlen([]),
        'nothing' => null,
        'number' => 5,
        'status' => Response::text('x', 99),
        'recursion' => deeper([1]),
        'memory' => str_repeat('x', 1 << 30),
        'text' => Response::json(["a\xff"]),
        'fatal' => eval('class A extends Missing {} function () {'),
        'denied' => Kv::get('a'),
        'argument' => Kv::put('a', 'b', tll: 5),
    };
}

function deeper(array $list): array
{
    return array_map(fn ($each) => deeper([$each]), $list);
}

return function (Request $request): mixed {
    if (str_starts_with($request->path, '/fail/')) {
        return fail(substr($request->path, 6));
    }
    return match ($request->path) {
        '/fresh' => fresh(),
        '/integers' => integers(),
        '/exit' => leave(),
        '/echo' => written(),
    };
};
