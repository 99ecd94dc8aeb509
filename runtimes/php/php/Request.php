<?php
namespace Gojinn;

/** The request that a handler gets. */
final class Request
{
    private function __construct(
        public readonly string $method,
        /** Path and query, as received. */
        public readonly string $uri,
        /** Decoded. */
        public readonly string $path,
        /** As $_GET. */
        public readonly array $query,
        /** Lists of values by names such as 'Content-Type'. */
        public readonly array $headers,
        /** Any bytes. */
        public readonly string $body,
        /** 'http', 'queue', 'cron' or another. */
        public readonly string $trigger,
        public readonly string $tenant,
        public readonly string $clientIp,
        /** Counts from 1; more for a job that has failed before. */
        public readonly int $attempt,
        public readonly string $traceId,
    ) {
    }

    /** The first value of a header field, by any case of its name; null where there is none. */
    public function header(string $name): ?string
    {
        return $this->headerValues($name)[0] ?? null;
    }

    /** All values of a header field. */
    public function headerValues(string $name): array
    {
        return $this->headers[ucwords(strtolower($name), '-')] ?? [];
    }

    /** What the body says in JSON, objects as arrays. Throws HostException with the code 'bad-request'. */
    public function json(): mixed
    {
        try {
            return json_decode($this->body, true, 512, JSON_THROW_ON_ERROR);
        } catch (\JsonException $error) {
            throw new HostException('bad-request', 'the body is not JSON: ' . $error->getMessage());
        }
    }

    /** @internal Reads the host's envelope. */
    public static function of(array $given): self
    {
        [$path, $search] = explode('?', $given['uri'], 2) + [1 => ''];
        parse_str($search, $query);
        return new self(
            $given['method'],
            $given['uri'],
            rawurldecode($path),
            $query,
            $given['headers'],
            ($given['body_encoding'] ?? '') === 'base64' ? base64_decode($given['body']) : $given['body'],
            $given['trigger'] ?? 'http',
            $given['tenant'] ?? 'default',
            $given['client_ip'] ?? '',
            $given['attempt'] ?? 1,
            $given['trace_id'] ?? '',
        );
    }
}
