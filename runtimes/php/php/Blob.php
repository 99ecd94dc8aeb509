<?php
namespace Gojinn;

/** Objects, in the bucket that the Caddyfile names or on the server. Needs `permissions { s3_read …; s3_write … }`. */
final class Blob
{
    private const PIECE = 3 << 20;

    private function __construct(
        public readonly string $key,
        public readonly int $size,
        public readonly string $etag,
        public readonly string $contentType,
        public readonly array $metadata,
        /** What it holds, where that was asked for. */
        public readonly string $body,
    ) {
    }

    private static function of(array $known, string $body = ''): self
    {
        return new self($known['key'], $known['size'], $known['etag'], $known['content_type'] ?? '', $known['metadata'] ?? [], $body);
    }

    /** Writes an object of any size, with `ifMatch` only over the one with that etag; its etag. */
    public static function put(string $key, string $body, ?string $contentType = null, ?array $metadata = null, ?string $ifMatch = null): string
    {
        $more = Host::given(content_type: $contentType, metadata: $metadata);
        if (strlen($body) > self::PIECE && $ifMatch === null) {
            return self::upload($key, $body, $more);
        }
        $more += Host::given(if_match: $ifMatch);
        return Host::call('blob.put', ['key' => $key, 'body' => base64_encode($body)] + $more)['etag'];
    }

    private static function upload(string $key, string $body, array $more): string
    {
        $number = Host::call('blob.upload_begin', ['key' => $key] + $more)['upload'];
        foreach (str_split($body, self::PIECE) as $piece) {
            Host::call('blob.upload_part', ['upload' => $number, 'body' => base64_encode($piece)]);
        }
        return Host::call('blob.upload_complete', ['upload' => $number])['etag'];
    }

    /** Writes an object where none is. Fails as 'exists' where one is. */
    public static function create(string $key, string $body, ?string $contentType = null, ?array $metadata = null): string
    {
        $more = Host::given(content_type: $contentType, metadata: $metadata);
        return Host::call('blob.put_if_absent', ['key' => $key, 'body' => base64_encode($body)] + $more)['etag'];
    }

    /** What is known of an object, null where there is none. */
    public static function head(string $key): ?self
    {
        $found = Host::find('blob.head', ['key' => $key]);
        return $found === null ? null : self::of($found);
    }

    /** An object or a piece of it, null where there is none. */
    public static function get(string $key, int $offset = 0, ?int $length = null): ?self
    {
        $found = Host::find('blob.head', ['key' => $key]);
        if ($found === null) {
            return null;
        }
        $body = '';
        $wanted = max(min($length ?? PHP_INT_MAX, $found['size'] - $offset), 0);
        for ($at = 0; $at < $wanted; $at += self::PIECE) {
            $part = ['key' => $key, 'offset' => $offset + $at, 'length' => min(self::PIECE, $wanted - $at)];
            $body .= base64_decode(Host::call('blob.get', $part)['body']);
        }
        return self::of($found, $body);
    }

    /** One page: ['objects' => Blob without body, 'next' => what to give as `after` for more, or null]. */
    public static function list(string $prefix = '', ?string $after = null, ?int $limit = null): array
    {
        $page = Host::call('blob.list', Host::given(prefix: $prefix, after: $after, limit: $limit));
        return ['objects' => array_map(static fn ($each) => self::of($each), $page['objects']), 'next' => $page['next'] ?: null];
    }

    /** Removes an object; one that is not there is no error. */
    public static function delete(string $key): void
    {
        Host::call('blob.delete', ['key' => $key]);
    }

    public static function copy(string $source, string $target): void
    {
        Host::call('blob.copy', ['source' => $source, 'target' => $target]);
    }

    /** An address by which anybody may read (`GET`) or write (`PUT`) the object for some time. */
    public static function presign(string $key, string $method = 'GET', int $seconds = 900): string
    {
        return Host::call('blob.presign', ['key' => $key, 'method' => $method, 'seconds' => $seconds])['url'];
    }
}
