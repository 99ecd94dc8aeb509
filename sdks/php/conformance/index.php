<?php
// The conformance function of PHP: does what ../../conformance/README.md says.
declare(strict_types=1);

use Gojinn\{Ai, HostException, Http, Log, Request, Response};

require __DIR__ . '/data.php';

const ACTIONS = DATA + [
    '/echo' => 'reply',
    '/request' => 'describe',
    '/headers' => 'headers',
    '/json' => 'compute',
    '/fail' => 'fail',
    '/env' => 'environment',
    '/log' => 'write_log',
    '/http/fetch' => 'fetch',
    '/http/relay' => 'relay',
    '/ai/chat' => 'chat',
];

function handle(Request $request): Response
{
    if (preg_match('#^/status/(\d+)$#', $request->path, $found)) {
        return Response::empty((int) $found[1]);
    }
    $action = ACTIONS[$request->path] ?? null;
    if ($action === null) {
        return Response::text('no such path', 404);
    }
    try {
        $answer = $action($request);
    } catch (HostException $error) {
        return Response::json(['error' => $error->getCode(), 'message' => $error->getMessage()], 400);
    }
    return $answer instanceof Response ? $answer : Response::json($answer);
}

function reply(Request $request): Response
{
    return Response::bytes($request->body, $request->header('content-type') ?? '');
}

function describe(Request $request): array
{
    return [
        'method' => $request->method,
        'path' => $request->path,
        'query' => $request->query['q'] ?? '',
        'header' => $request->headerValues('x-many'),
        'trigger' => $request->trigger,
        'tenant' => $request->tenant,
        'attempt' => $request->attempt,
    ];
}

function headers(): Response
{
    return Response::text('ok', headers: ['Set-Cookie' => ['a=1', 'b=2']]);
}

function compute(Request $request): array
{
    $given = $request->json();
    return ['text' => $given['text'], 'number' => $given['number'] + 1, 'count' => count($given['list'])];
}

function fail(): never
{
    throw new Exception('a detail that stays in the log');
}

function environment(): array
{
    return ['value' => getenv('GREETING') ?: null];
}

function write_log(Request $request): Response
{
    $given = $request->json();
    [Log::class, $given['level']]($given['message'], $given['fields'] ?? []);
    return Response::empty();
}

function fetch(Request $request): array
{
    $answer = Http::fetch(...$request->json());
    $cookies = array_change_key_case($answer['headers'])['set-cookie'] ?? [];
    return ['cookies' => $cookies] + array_intersect_key($answer, ['status' => 1, 'body' => 1, 'url' => 1]);
}

function relay(Request $request): Response
{
    $kind = ['Content-Type' => $request->header('content-type')];
    $answer = Http::fetch($request->query['url'], method: 'POST', headers: $kind, body: $request->body);
    return Response::bytes($answer['body'], array_change_key_case($answer['headers'])['content-type'][0]);
}

function chat(Request $request): array
{
    return ['answer' => Ai::chat($request->json()['prompt'])];
}
