<?php
// Does what tests/build/test_php_fetch.py asks: other servers, by each of the ways that PHP has.
use Gojinn\{HostException, Http, Request};

function sdk(string $base): array
{
    $sent = Http::fetch("$base/echo?a=b", 'PUT', ['X-One' => '1', 'X-Two' => ['1', '2']], "a\xff", timeout: 5);
    $manual = Http::fetch("$base/redirect/1", redirect: 'manual');
    $two = ['url' => "$base/meet", 'method' => 'POST'];
    $all = Http::all(['one' => "$base/meet", 'none' => 'ftp://x/', 'two' => $two, 'bad' => 'http://denied.example/']);
    $first = Http::start("$base/echo");
    $none = Http::start("$base/never");
    [$id, $answer] = Http::wait([$first, $none]);
    Http::cancel($none);
    return [
        'sent' => json_decode($sent['body']),
        'status' => [$sent['status'], $manual['status'], $manual['headers']['Location'], $answer['status'], $id === $first],
        'followed' => array_intersect_key(Http::fetch("$base/redirect/2"), ['url' => 1, 'redirected' => 1, 'status' => 1]),
        'all' => [$all['one']['body'], $all['two']['body'], $all['bad']->getCode(), $all['none']->getCode()],
        'bytes' => md5(Http::fetch("$base/bytes")['body']),
        'errors' => [
            failed(fn () => Http::fetch('http://denied.example/')),
            failed(fn () => Http::fetch("$base/never", timeout: 0.2)),
            failed(fn () => Http::fetch('http://127.0.0.1:1/')),
            failed(fn () => Http::fetch('ftp://x/')),
            failed(fn () => Http::fetch("$base/redirect/1", redirect: 'error')),
        ],
    ];
}

function failed(callable $action): ?string
{
    try {
        $action();
        return null;
    } catch (HostException $error) {
        return $error->getCode();
    }
}

function streams(string $base): array
{
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => "Content-Type: text/plain\r\nX-One: 1",
        'content' => 'sent',
        'user_agent' => 'tester',
    ]]);
    $sent = json_decode(file_get_contents("$base/echo", context: $context));
    $told = $http_response_header;
    $file = fopen("$base/lines", 'r');
    $line = fgets($file);
    $head = stream_get_meta_data($file)['wrapper_data'];
    file_get_contents("$base/redirect/2");
    $hops = count(preg_grep('{^HTTP/}', $http_response_header));
    $missing = @file_get_contents("$base/missing");
    $last = http_get_last_response_headers()[0];
    $kept = file_get_contents("$base/missing", context: stream_context_create(['http' => ['ignore_errors' => true]]));
    $here = stream_context_create(['http' => ['follow_location' => 0]]);
    file_get_contents("$base/redirect/1", context: $here);
    $stayed = $http_response_header[0];
    $few = stream_context_create(['http' => ['max_redirects' => 2]]);
    return [
        'sent' => $sent,
        'told' => [$told[0], (bool) preg_grep('{^Content-Type: application/json}', $told)],
        'line' => $line,
        'head' => $head[0],
        'hops' => $hops,
        'missing' => [$missing, $last, $kept],
        'stayed' => $stayed,
        'few' => @file_get_contents("$base/redirect/3", context: $few),
        'copied' => copy("$base/bytes", '/tmp/bytes') ? md5_file('/tmp/bytes') : null,
        'denied' => file_get_contents('https://denied.example/x'),
        'write' => @fopen("$base/echo", 'w'),
        'late' => @file_get_contents("$base/never", context: stream_context_create(['http' => ['timeout' => 0.2]])),
    ];
}

function curled(string $base, array $options): array
{
    $handle = curl_init();
    curl_setopt_array($handle, $options + [CURLOPT_RETURNTRANSFER => true]);
    $body = curl_exec($handle);
    return [$body, curl_errno($handle), curl_error($handle), $handle];
}

function curl(string $base): array
{
    $lines = [];
    $post = [
        CURLOPT_URL => "$base/echo",
        CURLOPT_POST => true,
        CURLOPT_POSTFIELDS => http_build_query(['a' => 'b c']),
        CURLOPT_HTTPHEADER => ['X-One: 1', 'Accept:'],
        CURLOPT_USERPWD => 'Ada:b',
        CURLOPT_HEADERFUNCTION => function ($handle, string $line) use (&$lines): int {
            $lines[] = $line;
            return strlen($line);
        },
    ];
    file_put_contents('/tmp/upload.txt', 'of a file');
    $form = [CURLOPT_POSTFIELDS => ['a' => '1', 'f' => new CURLFile('/tmp/upload.txt', 'text/x', 'f.txt')]];
    [$sent] = curled($base, $post);
    [$followed, , , $handle] = curled($base, [CURLOPT_URL => "$base/redirect/2", CURLOPT_FOLLOWLOCATION => true]);
    $info = curl_getinfo($handle);
    [$parts] = curled($base, $form + [CURLOPT_URL => "$base/form"]);
    [$limited, $code] = curled($base, [CURLOPT_URL => "$base/redirect/3", CURLOPT_FOLLOWLOCATION => true, CURLOPT_MAXREDIRS => 1]);
    [$head] = curled($base, [CURLOPT_URL => "$base/echo", CURLOPT_NOBODY => true, CURLOPT_HEADER => true]);
    $multi = curl_multi_init();
    $handles = [];
    foreach (["$base/meet", "$base/meet", 'http://denied.example/'] as $url) {
        $handles[] = $each = curl_init($url);
        curl_setopt($each, CURLOPT_RETURNTRANSFER, true);
        curl_multi_add_handle($multi, $each);
    }
    do {
        curl_multi_exec($multi, $running);
        $running && curl_multi_select($multi);
    } while ($running);
    $results = [];
    while ($done = curl_multi_info_read($multi)) {
        $results[] = $done['result'];
    }
    sort($results);
    return [
        'sent' => json_decode($sent),
        'lines' => [$lines[0], end($lines)],
        'followed' => [$followed, $info['redirect_count'], $info['http_code'], $info['url'] === "$base/lines"],
        'parts' => json_decode($parts),
        'limited' => [$limited, $code],
        'head' => str_starts_with($head, "HTTP/1.1 200 OK\r\n"),
        'multi' => [$results, array_map(curl_multi_getcontent(...), $handles)],
        'late' => array_slice(curled($base, [CURLOPT_URL => "$base/never", CURLOPT_TIMEOUT_MS => 200]), 0, 2),
        'refused' => array_slice(curled($base, [CURLOPT_URL => 'http://127.0.0.1:1/']), 0, 2),
        'fails' => array_slice(curled($base, [CURLOPT_URL => "$base/missing", CURLOPT_FAILONERROR => true]), 0, 2),
        'denied' => curled($base, [CURLOPT_URL => 'http://denied.example/'])[2],
    ];
}

return function (Request $request): array {
    $base = $request->query['base'];
    return match ($request->path) {
        '/sdk' => sdk($base),
        '/streams' => streams($base),
        '/curl' => curl($base),
    };
};
