<?php
// {{name}} runs by the clock and counts how often, and tells that to who asks.
declare(strict_types=1);

use Gojinn\{Kv, Log, Request, Response};

function handle(Request $request): Response
{
    $entry = Kv::entry('ticks');
    $ticks = (int) ($entry?->value ?? 0);
    if ($request->trigger === 'cron') {
        $ticks++;
        // Refused when another run was quicker: this one is then tried again.
        Kv::cas('ticks', (string) $ticks, $entry?->revision ?? 0);
        Log::info('tick', ['ticks' => $ticks]);
    }
    return Response::json(['ticks' => $ticks]);
}
