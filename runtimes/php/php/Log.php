<?php
namespace Gojinn;

/** The function's log. */
final class Log
{
    public static function debug(string $message, array $fields = []): void
    {
        self::write(0, 'debug', $message, $fields);
    }

    public static function info(string $message, array $fields = []): void
    {
        self::write(1, 'info', $message, $fields);
    }

    public static function warn(string $message, array $fields = []): void
    {
        self::write(2, 'warn', $message, $fields);
    }

    public static function error(string $message, array $fields = []): void
    {
        self::write(3, 'error', $message, $fields);
    }

    private static function write(int $level, string $name, string $message, array $fields): void
    {
        if ($fields === [] || Native\booting()) {
            Native\log($level, $message);
        } else {
            Host::call('log.write', ['message' => $message, 'level' => $name, 'fields' => $fields]);
        }
    }
}
