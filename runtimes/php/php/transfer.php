<?php
namespace Gojinn\Native;

use CURLFile;
use CurlHandle;
use CurlMultiHandle;
use CURLStringFile;
use Gojinn\{HostException, Http};

/** What a handle of curl.php is set to, and what became of its last transfer. */
final class Curl
{
    public const PROBLEMS = [
        0 => 'No error', 1 => 'Unsupported protocol', 3 => 'URL using bad/illegal format or missing URL', 6 => 'Could not resolve hostname',
        7 => 'Could not connect to server', 22 => 'HTTP response code said error', 23 => 'Failed writing received data',
        28 => 'Timeout was reached', 42 => 'Operation was aborted by an application callback', 47 => 'Number of redirects hit maximum amount',
        60 => 'SSL peer certificate was not OK', 63 => 'Maximum file size exceeded',
    ];
    public array $options = [];
    public int $code = 0;
    public string $problem = '';
    public string $content = '';
    private array $info = ['url' => '', 'http_code' => 0, 'header_size' => 0, 'redirect_count' => 0, 'redirect_url' => ''];
    private array $asked = [];
    private int|string|null $id = null;
    private float $began = 0.0;

    public function set(int $option, mixed $value): bool
    {
        if (!in_array($option, \CURL_CONSTANTS['CURLOPT_'], true)) {
            throw new \ValueError("curl_setopt(): option $option is not known here");
        }
        if ($option === \CURLOPT_HTTPGET && $value) {
            unset($this->options[\CURLOPT_POST], $this->options[\CURLOPT_POSTFIELDS], $this->options[\CURLOPT_NOBODY]);
            unset($this->options[\CURLOPT_UPLOAD], $this->options[\CURLOPT_PUT]);
        }
        $this->options[$option] = $value;
        return true;
    }

    private function option(int $option, mixed $else = null): mixed
    {
        return $this->options[$option] ?? $else;
    }

    public function run(CurlHandle $handle): string|bool
    {
        try {
            $this->prepare($handle);
            while (!$this->took($handle, Http::fetch(...$this->asked))) {
            }
        } catch (HostException $error) {
            $this->failed($error);
        }
        if ($this->code !== 0) {
            return false;
        }
        return $this->option(\CURLOPT_RETURNTRANSFER) ? $this->content : true;
    }

    /** Starts what is new and takes what is done, waiting for the first; how many were done. */
    public static function proceed(CurlMultiHandle $multi, float $seconds): int
    {
        $done = 0;
        $ids = [];
        foreach ($multi->running as $key => $handle) {
            $state = $handle->state;
            try {
                if ($state->id === null && count($ids) < 32) {
                    $state->prepare($handle);
                    $state->id = Http::start(...$state->asked);
                }
                if ($state->id !== null) {
                    $ids[$state->id] = $key;
                }
            } catch (HostException $error) {
                $done += self::finish($multi, $key, $error);
            }
        }
        while ($ids !== [] && ($told = Http::wait(array_keys($ids), $done > 0 ? 0.0 : $seconds)) !== null) {
            $key = $ids[$told[0]];
            unset($ids[$told[0]]);
            $done += self::arrived($multi, $key, $told[1]);
        }
        return $done;
    }

    private static function arrived(CurlMultiHandle $multi, int $key, array|HostException $answer): int
    {
        $handle = $multi->running[$key];
        $handle->state->id = null;
        if ($answer instanceof HostException) {
            return self::finish($multi, $key, $answer);
        }
        try {
            if ($handle->state->took($handle, $answer)) {
                return self::finish($multi, $key, null);
            }
            $handle->state->id = Http::start(...$handle->state->asked);
        } catch (HostException $error) {
            return self::finish($multi, $key, $error);
        }
        return 0;
    }

    private static function finish(CurlMultiHandle $multi, int $key, ?HostException $error): int
    {
        $handle = $multi->running[$key];
        unset($multi->running[$key]);
        if ($error !== null) {
            $handle->state->failed($error);
        }
        $multi->done[] = $handle;
        return 1;
    }

    public function cancel(): void
    {
        if ($this->id !== null) {
            Http::cancel($this->id);
            $this->id = null;
        }
    }

    /** Writes the request, from the options. */
    private function prepare(CurlHandle $handle): void
    {
        [$this->code, $this->problem, $this->content] = [0, '', ''];
        $this->began = microtime(true);
        $url = (string) $this->option(\CURLOPT_URL, '');
        $url = preg_match('{^[a-z][a-z0-9+.-]*://}i', $url) ? $url : "http://$url";
        $this->info = ['url' => $url, 'http_code' => 0, 'header_size' => 0, 'redirect_count' => 0, 'redirect_url' => ''];
        $headers = Asked::fields((array) $this->option(\CURLOPT_HTTPHEADER, []));
        [$body, $type] = $this->body($handle);
        $more = [
            'Content-Type' => $type,
            'User-Agent' => $this->option(\CURLOPT_USERAGENT),
            'Referer' => $this->option(\CURLOPT_REFERER),
            'Cookie' => $this->option(\CURLOPT_COOKIE),
            'Range' => $this->option(\CURLOPT_RANGE) === null ? null : 'bytes=' . $this->option(\CURLOPT_RANGE),
            'Authorization' => $this->credentials(),
        ];
        foreach ($more as $name => $value) {
            if ($value !== null && !Asked::has($headers, $name)) {
                $headers[$name] = [(string) $value];
            }
        }
        // An empty field is how curl is told to leave one out.
        $headers = array_filter($headers, static fn ($values) => $values !== ['']);
        $this->asked = ['url' => $url, 'method' => $this->method($body), 'headers' => $headers, 'body' => $body];
        $this->asked += ['timeout' => $this->timeout(), 'redirect' => 'manual'];
    }

    private function method(?string $body): string
    {
        return $this->option(\CURLOPT_CUSTOMREQUEST) ?? match (true) {
            (bool) $this->option(\CURLOPT_NOBODY) => 'HEAD',
            $this->option(\CURLOPT_UPLOAD) || $this->option(\CURLOPT_PUT) => 'PUT',
            $body !== null || $this->option(\CURLOPT_POST) => 'POST',
            default => 'GET',
        };
    }

    private function timeout(): ?float
    {
        $most = $this->option(\CURLOPT_TIMEOUT_MS, 1000 * $this->option(\CURLOPT_TIMEOUT, 0));
        return $most > 0 ? $most / 1000 : null;
    }

    private function credentials(): ?string
    {
        $bearer = $this->option(\CURLOPT_XOAUTH2_BEARER);
        $user = $this->option(\CURLOPT_USERNAME);
        $both = $this->option(\CURLOPT_USERPWD) ?? ($user === null ? null : $user . ':' . $this->option(\CURLOPT_PASSWORD, ''));
        return $bearer !== null ? "Bearer $bearer" : ($both === null ? null : 'Basic ' . base64_encode($both));
    }

    /** The body and its type, null where there is none. */
    private function body(CurlHandle $handle): array
    {
        $fields = $this->option(\CURLOPT_POSTFIELDS);
        if (is_array($fields)) {
            return self::form($fields);
        }
        if ($fields !== null) {
            return [(string) $fields, 'application/x-www-form-urlencoded'];
        }
        if (!$this->option(\CURLOPT_UPLOAD) && !$this->option(\CURLOPT_PUT)) {
            return [$this->option(\CURLOPT_POST) ? '' : null, null];
        }
        $reader = $this->option(\CURLOPT_READFUNCTION);
        $source = $this->option(\CURLOPT_INFILE);
        if ($reader === null) {
            return [$source === null ? '' : stream_get_contents($source), null];
        }
        $body = '';
        while (($part = $reader($handle, $source, 1 << 20)) !== '' && is_string($part)) {
            $body .= $part;
        }
        return [$body, null];
    }

    /** RFC 7578. */
    private static function form(array $fields): array
    {
        $mark = '----------------------' . bin2hex(random_bytes(12));
        $text = '';
        foreach ($fields as $name => $value) {
            $file = match (true) {
                $value instanceof CURLFile => [$value->postname ?: basename($value->name), $value->mime, file_get_contents($value->name)],
                $value instanceof CURLStringFile => [$value->postname, $value->mime, $value->data],
                default => null,
            };
            $text .= "--$mark\r\nContent-Disposition: form-data; name=\"" . addcslashes((string) $name, '"\\') . '"';
            $text .= $file === null ? '' : '; filename="' . addcslashes($file[0], '"\\') . "\"\r\nContent-Type: " . ($file[1] ?: 'application/octet-stream');
            $text .= "\r\n\r\n" . ($file[2] ?? $value) . "\r\n";
        }
        return ["$text--$mark--\r\n", "multipart/form-data; boundary=$mark"];
    }

    /** Takes an answer. False where it leads to another request, which `asked` is then. */
    private function took(CurlHandle $handle, array $answer): bool
    {
        $lines = Asked::lines($answer);
        $head = implode("\r\n", $lines) . "\r\n\r\n";
        $this->info['http_code'] = $answer['status'];
        $this->info['content_type'] = $answer['headers']['Content-Type'][0] ?? null;
        $this->info['header_size'] += strlen($head);
        $this->head($handle, $lines, $head);
        $next = Asked::next($this->asked, $answer);
        if ($next !== null && $this->option(\CURLOPT_FOLLOWLOCATION)) {
            if ($this->info['redirect_count'] === (int) $this->option(\CURLOPT_MAXREDIRS, 30)) {
                return $this->fail(47, "Maximum ({$this->info['redirect_count']}) redirects followed");
            }
            $this->info['redirect_count']++;
            $this->info['url'] = $next['url'];
            $this->asked = $next;
            return false;
        }
        $this->info['redirect_url'] = $next['url'] ?? '';
        $this->info['size_download'] = strlen($answer['body']);
        if ($answer['status'] >= 400 && $this->option(\CURLOPT_FAILONERROR)) {
            return $this->fail(22, "The requested URL returned error: {$answer['status']}");
        }
        return $this->wrote($handle, $answer['body']);
    }

    private function head(CurlHandle $handle, array $lines, string $head): void
    {
        $teller = $this->option(\CURLOPT_HEADERFUNCTION);
        foreach ($teller === null ? [] : [...$lines, ''] as $line) {
            $teller($handle, "$line\r\n");
        }
        if (is_resource($this->option(\CURLOPT_WRITEHEADER))) {
            fwrite($this->options[\CURLOPT_WRITEHEADER], $head);
        }
        if ($this->option(\CURLOPT_HEADER)) {
            $this->content .= $head;
        }
    }

    private function wrote(CurlHandle $handle, string $body): bool
    {
        $writer = $this->option(\CURLOPT_WRITEFUNCTION);
        $this->content .= $body;
        foreach ($writer === null || $this->content === '' ? [] : str_split($this->content, 16 << 10) as $part) {
            if ($writer($handle, $part) !== strlen($part)) {
                return $this->fail(23, 'Failure writing output to destination');
            }
        }
        if ($writer === null && is_resource($this->option(\CURLOPT_FILE))) {
            fwrite($this->options[\CURLOPT_FILE], $this->content);
        } elseif ($writer === null && !$this->option(\CURLOPT_RETURNTRANSFER)) {
            echo $this->content;
        }
        $this->info['total_time'] = microtime(true) - $this->began;
        return true;
    }

    private function fail(int $code, string $problem): bool
    {
        [$this->code, $this->problem] = [$code, $problem];
        $this->info['total_time'] = microtime(true) - $this->began;
        return true;
    }

    private function failed(HostException $error): void
    {
        $message = $error->getMessage();
        $this->fail(match (true) {
            $error->is('timeout') => 28,
            $error->is('bad-request') => 3,
            $error->is('too-large') => 63,
            (bool) preg_match('/certificate|TLS/i', $message) => 60,
            $error->is('unavailable') && preg_match('/resolve|name|address/i', $message) => 6,
            default => 7,
        }, $message);
    }

    public function known(?int $option): mixed
    {
        $known = $this->info + [
            'content_type' => null, 'ssl_verify_result' => 0, 'total_time' => 0.0, 'namelookup_time' => 0.0, 'connect_time' => 0.0,
            'pretransfer_time' => 0.0, 'size_upload' => strlen($this->asked['body'] ?? ''), 'size_download' => 0, 'starttransfer_time' => 0.0,
            'redirect_time' => 0.0, 'appconnect_time' => 0.0, 'primary_ip' => '', 'request_size' => 0, 'download_content_length' => $this->info['size_download'] ?? -1,
        ];
        return $option === null ? $known : match ($option) {
            \CURLINFO_EFFECTIVE_URL => $known['url'],
            \CURLINFO_PRIVATE => $this->option(\CURLOPT_PRIVATE, false),
            \CURLINFO_CONTENT_LENGTH_DOWNLOAD => $known['download_content_length'],
            \CURLINFO_HTTP_VERSION => 2,
            \CURLINFO_HEADER_OUT => '',
            default => $known[strtolower((string) array_search($option, \CURL_CONSTANTS['CURLINFO_'], true))] ?? false,
        };
    }
}
