<?php
// What the conformance function does with keys, locks, SQL, objects and queues.
declare(strict_types=1);

use Gojinn\{Blob, HostException, Kv, Lock, Queue, Request, Response, Sql};

const DATA = [
    '/kv/get' => 'kv_get',
    '/kv/put' => 'kv_put',
    '/kv/create' => 'kv_create',
    '/kv/cas' => 'kv_cas',
    '/kv/delete' => 'kv_delete',
    '/kv/list' => 'kv_list',
    '/kv/commit' => 'kv_commit',
    '/kv/bytes' => 'kv_bytes',
    '/lock/cycle' => 'lock_cycle',
    '/sql/exec' => 'sql_exec',
    '/sql/query' => 'sql_query',
    '/sql/batch' => 'sql_batch',
    '/sql/transaction' => 'sql_transaction',
    '/sql/bytes' => 'sql_bytes',
    '/blob/put' => 'blob_put',
    '/blob/create' => 'blob_create',
    '/blob/get' => 'blob_get',
    '/blob/head' => 'blob_head',
    '/blob/list' => 'blob_list',
    '/blob/copy' => 'blob_copy',
    '/blob/delete' => 'blob_delete',
    '/queue/publish' => 'queue_publish',
    '/queue/cycle' => 'queue_cycle',
];

function kv_get(Request $request): array
{
    $entry = Kv::entry($request->json()['key']);
    return $entry === null ? ['value' => null] : ['value' => $entry->value, 'revision' => $entry->revision];
}

function kv_put(Request $request): array
{
    $given = $request->json();
    return ['revision' => Kv::put($given['key'], $given['value'], ttl: $given['ttl'] ?? null)];
}

function kv_create(Request $request): array
{
    $given = $request->json();
    return ['revision' => Kv::create($given['key'], $given['value'], ttl: $given['ttl'] ?? null)];
}

function kv_cas(Request $request): array
{
    $given = $request->json();
    return ['revision' => Kv::cas($given['key'], $given['value'], $given['revision'])];
}

function kv_delete(Request $request): object
{
    Kv::delete($request->json()['key']);
    return (object) [];
}

function kv_list(Request $request): array
{
    $given = $request->json();
    $page = Kv::list($given['prefix'], limit: $given['limit']);
    return ['keys' => $page['keys'], 'more' => $page['next'] !== null];
}

function kv_commit(Request $request): array
{
    return ['revisions' => count(Kv::commit($request->json()['changes']))];
}

function kv_bytes(Request $request): array|Response
{
    $key = $request->query['key'];
    if ($request->method === 'PUT') {
        return ['revision' => Kv::put($key, $request->body)];
    }
    return Response::bytes(Kv::get($key) ?? throw new HostException('not-found', 'no such key'));
}

function code_of(callable $action): ?string
{
    try {
        $action();
        return null;
    } catch (HostException $error) {
        return $error->getCode();
    }
}

function lock_cycle(Request $request): array
{
    $name = $request->json()['name'];
    $held = Lock::acquire($name, ttl: 30);
    $second = code_of(fn () => Lock::acquire($name, ttl: 30));
    $held->renew(60);
    $held->release();
    return ['second' => $second, 'ttl' => $held->ttl, 'again' => code_of($held->release(...))];
}

function sql_exec(Request $request): array
{
    $given = $request->json();
    return ['changes' => Sql::exec($given['sql'], $given['params'] ?? [])];
}

function sql_query(Request $request): array
{
    $given = $request->json();
    return Sql::table($given['sql'], $given['params'] ?? []);
}

function sql_batch(Request $request): array
{
    $statements = array_map(fn ($each) => [$each['sql'], $each['params'] ?? []], $request->json()['statements']);
    return ['changes' => array_column(Sql::batch($statements), 'changes')];
}

final class Undo extends Exception
{
}

function sql_transaction(Request $request): object
{
    $given = $request->json();
    try {
        Sql::transaction(function () use ($given) {
            Sql::exec($given['sql'], $given['params'] ?? []);
            if (!$given['commit']) {
                throw new Undo();
            }
        });
    } catch (Undo) {
    }
    return (object) [];
}

function sql_bytes(Request $request): Response
{
    return Response::bytes(Sql::first('select ? as bytes', [Sql::blob($request->body)])['bytes']);
}

function blob_put(Request $request): array
{
    $type = $request->header('content-type');
    return ['etag' => Blob::put($request->query['key'], $request->body, contentType: $type)];
}

function blob_create(Request $request): array
{
    return ['etag' => Blob::create($request->query['key'], $request->body)];
}

function blob_get(Request $request): Response
{
    $found = Blob::get($request->query['key']);
    return Response::bytes($found->body, $found->contentType);
}

function blob_head(Request $request): array
{
    $found = Blob::head($request->query['key']);
    return ['size' => $found->size, 'content_type' => $found->contentType];
}

function blob_list(Request $request): array
{
    return ['keys' => array_map(fn ($each) => $each->key, Blob::list($request->query['prefix'])['objects'])];
}

function blob_copy(Request $request): object
{
    Blob::copy($request->query['key'], $request->query['target']);
    return (object) [];
}

function blob_delete(Request $request): object
{
    Blob::delete($request->query['key']);
    return (object) [];
}

function queue_publish(Request $request): array
{
    $given = $request->json();
    return Queue::publish($given['queue'], $given['body'], delay: $given['delay'] ?? null, key: $given['key'] ?? null);
}

function queue_cycle(Request $request): array
{
    $job = Queue::publish($request->json()['queue'], $request->body, delay: 3600)['job'];
    $before = Queue::status($job)['state'];
    return ['before' => $before, 'after' => Queue::cancel($job)['state']];
}
