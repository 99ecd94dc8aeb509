<?php
// {{name}} greets whom the request's body names.
//
// What stands outside of the function runs once, when it is built; the function runs for each request, in a fresh
// sandbox. Log::info() writes to its log.
declare(strict_types=1);

use Gojinn\{HostException, Request, Response};

function handle(Request $request): Response
{
    try {
        $name = $request->json()['name'] ?? null;
    } catch (HostException) {
        $name = null;
    }
    $message = 'hello, ' . (is_string($name) ? $name : 'world');
    return Response::json(['message' => $message, 'language' => 'PHP', 'method' => $request->method]);
}
