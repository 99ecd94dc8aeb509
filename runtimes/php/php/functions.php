<?php
// Functions of PHP for other servers, and in place of those of its own that know no files but a system's.
use Gojinn\Native\{Files, State};

function getallheaders(): array
{
    return array_map(static fn (array $values): string => implode(', ', $values), State::$request?->headers ?? []);
}

function apache_request_headers(): array
{
    return getallheaders();
}

function is_uploaded_file(string $filename): bool
{
    return Files::uploaded($filename);
}

function move_uploaded_file(string $from, string $to): bool
{
    return Files::take($from, $to);
}

function realpath(string $path): string|false
{
    $name = Files::plain($path);
    return Files::find($name) === null ? false : "/$name";
}

function tempnam(string $directory, string $prefix): string|false
{
    return Files::temporary(substr(basename($prefix), 0, 63));
}
