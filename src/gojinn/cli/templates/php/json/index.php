<?php
// {{name}} keeps items by an API in JSON.
//
//   GET    /       lists them
//   PUT    /<id>   writes one, any JSON
//   GET    /<id>   reads it
//   DELETE /<id>   removes it
declare(strict_types=1);

use Gojinn\{Kv, Request, Response};

const PREFIX = 'items/';

function handle(Request $request): Response
{
    $id = substr($request->path, 1);
    if ($id === '') {
        return $request->method === 'GET' ? items() : problem(405, 'name an item: /<id>');
    }
    return match ($request->method) {
        'GET' => item($id),
        'PUT' => write($id, $request->body),
        'DELETE' => remove($id),
        default => problem(405, 'use GET, PUT or DELETE'),
    };
}

function items(): Response
{
    $ids = array_map(fn (string $key) => substr($key, strlen(PREFIX)), Kv::list(PREFIX)['keys']);
    return Response::json(['items' => $ids]);
}

function item(string $id): Response
{
    $item = Kv::get(PREFIX . $id);
    return $item === null ? problem(404, 'there is no such item') : Response::bytes($item, 'application/json');
}

function write(string $id, string $body): Response
{
    if (!json_validate($body)) {
        return problem(400, 'send JSON');
    }
    Kv::put(PREFIX . $id, $body);
    return Response::json(['id' => $id]);
}

function remove(string $id): Response
{
    Kv::delete(PREFIX . $id);
    return Response::empty();
}

function problem(int $status, string $text): Response
{
    return Response::json(['error' => $text], $status);
}
