<?php
// The same job in every language: reads an order's JSON from the body, adds tax, answers JSON.
declare(strict_types=1);

use Gojinn\{Request, Response};

function handle(Request $request): Response
{
    $order = $request->json();
    return Response::json(['order_id' => $order['id'], 'total' => $order['value'] * 1.15]);
}
