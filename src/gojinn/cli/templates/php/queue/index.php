<?php
// {{name}} takes messages and sends them in the background.
//
//   POST /           {"to": "ada"}: answered once the job is on disk
//   GET  /?to=ada    tells whether it was sent
declare(strict_types=1);

use Gojinn\{Kv, Log, Queue, Request, Response};

function handle(Request $request): Response
{
    if ($request->trigger === 'queue') {
        return work($request);
    }
    if ($request->method === 'POST') {
        $job = Queue::publish('{{name}}', $request->body)['job'];
        return Response::json(['job' => $job], 202);
    }
    return Response::json(['sent' => Kv::get('sent/' . ($request->query['to'] ?? '')) !== null]);
}

/** Does a job. One that fails is tried again, then kept as a dead letter. */
function work(Request $job): Response
{
    $to = $job->json()['to'] ?? throw new Exception('the job does not say whom to send to');
    Log::info('sending', ['to' => $to, 'attempt' => $job->attempt]);
    Kv::put("sent/$to", 'yes');
    return Response::empty();
}
