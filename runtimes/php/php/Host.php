<?php
namespace Gojinn;

/** Any operation of the host, by its name: docs/reference/host-calls.md lists them. */
final class Host
{
    private const CODES = [
        -1 => "the operation's name is too long",
        -2 => 'the request is too large',
        -3 => 'the answer is too large',
    ];
    private const FLAGS = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION;

    /** Runs an operation such as 'kv.get'. Throws HostException. */
    public static function call(string $operation, array $request): array
    {
        if (Native\booting()) {
            throw new HostException('booting', "$operation cannot be used while the function is loaded, only in the handler");
        }
        $answer = Native\call($operation, json_encode((object) $request, self::FLAGS));
        if (is_int($answer)) {
            throw new HostException('limit', "$operation: " . (self::CODES[$answer] ?? "error $answer"));
        }
        $decoded = json_decode($answer, true, 512, JSON_THROW_ON_ERROR);
        if (isset($decoded['error']['code']) && !isset($decoded['id'])) { // that of a request which was waited for has an id
            throw new HostException($decoded['error']['code'], "$operation: {$decoded['error']['message']}");
        }
        return $decoded;
    }

    /** The same; null where the host says that there is no such thing. */
    public static function find(string $operation, array $request): ?array
    {
        try {
            return self::call($operation, $request);
        } catch (HostException $error) {
            return $error->is('not-found') ? null : throw $error;
        }
    }

    /** A request of what is not null. */
    public static function given(mixed ...$fields): array
    {
        return array_filter($fields, static fn ($value) => $value !== null);
    }

    /** Bytes as a field: as text where they are one, else as base64. */
    public static function packed(string $name, string $bytes): array
    {
        return mb_check_encoding($bytes, 'UTF-8') ? [$name => $bytes] : ["{$name}_base64" => base64_encode($bytes)];
    }

    /** Reads such a field. */
    public static function unpacked(string $name, array $answer): string
    {
        $base64 = $answer["{$name}_base64"] ?? null;
        return $base64 === null ? ($answer[$name] ?? '') : base64_decode($base64);
    }
}
