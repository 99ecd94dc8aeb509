<?php
namespace Gojinn;

/** What a handler answers. */
final class Response
{
    private const FLAGS = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR;
    private array $headers = [];

    /** Any bytes; header fields are texts, or lists of them. */
    public function __construct(public readonly string $body = '', public readonly int $status = 200, array $headers = [])
    {
        if ($status < 200 || $status > 599) {
            throw new \ValueError("a response's status is '$status', expected 200 to 599");
        }
        foreach ($headers as $name => $value) {
            $this->headers[$name] = array_map(strval(...), is_array($value) ? array_values($value) : [$value]);
        }
    }

    /** The same with a header field; a list for several values. */
    public function withHeader(string $name, string|array $value): self
    {
        return new self($this->body, $this->status, [$name => $value] + $this->headers);
    }

    /** A value as JSON; an empty array is [], an empty object (object) []. */
    public static function json(mixed $value, int $status = 200, array $headers = []): self
    {
        return self::typed('application/json', json_encode($value, self::FLAGS), $status, $headers);
    }

    public static function text(string $text, int $status = 200, array $headers = []): self
    {
        return self::typed('text/plain; charset=utf-8', $text, $status, $headers);
    }

    public static function html(string $html, int $status = 200, array $headers = []): self
    {
        return self::typed('text/html; charset=utf-8', $html, $status, $headers);
    }

    public static function bytes(string $bytes, string $type = 'application/octet-stream', int $status = 200, array $headers = []): self
    {
        return self::typed($type, $bytes, $status, $headers);
    }

    public static function empty(int $status = 204, array $headers = []): self
    {
        return new self('', $status, $headers);
    }

    public static function redirect(string $url, int $status = 302): self
    {
        return new self('', $status, ['Location' => $url]);
    }

    private static function typed(string $type, string $body, int $status, array $headers): self
    {
        $names = array_map(strtolower(...), array_keys($headers));
        return new self($body, $status, in_array('content-type', $names, true) ? $headers : ['Content-Type' => $type] + $headers);
    }

    /** @internal The JSON that the host reads. */
    public function encoded(): string
    {
        $text = mb_check_encoding($this->body, 'UTF-8');
        $answer = ['status' => $this->status, 'headers' => (object) $this->headers];
        $answer += $text ? ['body' => $this->body] : ['body' => base64_encode($this->body), 'body_encoding' => 'base64'];
        return json_encode($answer, self::FLAGS);
    }
}
