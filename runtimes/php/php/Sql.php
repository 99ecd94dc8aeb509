<?php
namespace Gojinn;

/** The database that the function's `db_dsn` names. Parameters stand for `?`, or for `:name` by their names. */
final class Sql
{
    /** The rows of a statement, each by its columns' names. */
    public static function query(string $sql, array $params = []): array
    {
        return self::rows(Host::call('sql.query', self::statement($sql, $params)));
    }

    /** The first row, null where there is none. */
    public static function first(string $sql, array $params = []): ?array
    {
        return self::query($sql, $params)[0] ?? null;
    }

    /** ['columns' => names, 'rows' => lists of values]. */
    public static function table(string $sql, array $params = []): array
    {
        $answer = Host::call('sql.query', self::statement($sql, $params));
        $rows = array_map(static fn ($row) => array_map(self::untagged(...), $row), $answer['rows'] ?? []);
        return ['columns' => array_column($answer['columns'] ?? [], 'name'), 'rows' => $rows];
    }

    /** Runs a statement whose rows are not wanted; how many rows it changed. */
    public static function exec(string $sql, array $params = []): int
    {
        return Host::call('sql.exec', self::statement($sql, $params))['changes'];
    }

    /** Runs an insert; the number of the last row, null where the database does not tell it. */
    public static function insert(string $sql, array $params = []): ?int
    {
        return Host::call('sql.exec', self::statement($sql, $params))['last_id'] ?? null;
    }

    /** Runs statements [sql, params] in one transaction, all or none; for each ['rows', 'changes', 'last_id']. */
    public static function batch(array $statements): array
    {
        $asked = array_map(static fn ($each) => self::statement($each[0], $each[1] ?? []), $statements);
        return array_map(
            static fn ($each) => ['rows' => self::rows($each), 'changes' => $each['changes'], 'last_id' => $each['last_id'] ?? null],
            Host::call('sql.batch', ['statements' => $asked])['results'],
        );
    }

    /** Does something in a transaction, which is undone when it throws. */
    public static function transaction(callable $action): mixed
    {
        Host::call('sql.begin', []);
        try {
            $result = $action();
        } catch (\Throwable $error) {
            try {
                Host::call('sql.rollback', []);
            } catch (HostException) {
                // It is over already; what matters is why.
            }
            throw $error;
        }
        Host::call('sql.commit', []);
        return $result;
    }

    /** Bytes as a parameter, where a string would be text. */
    public static function blob(string $bytes): \stdClass
    {
        return (object) ['$blob' => base64_encode($bytes)];
    }

    private static function statement(string $sql, array $params): array
    {
        $bound = array_map(self::tagged(...), $params);
        return ['sql' => $sql] + ($bound === [] ? [] : ['params' => $bound]);
    }

    private static function tagged(mixed $value): mixed
    {
        return match (true) {
            is_int($value) && abs($value) > 9007199254740991 => ['$integer' => (string) $value],
            is_string($value) && !mb_check_encoding($value, 'UTF-8') => self::blob($value),
            is_float($value) && !is_finite($value) => ['$real' => is_nan($value) ? 'nan' : ($value > 0 ? 'inf' : '-inf')],
            $value instanceof \DateTimeInterface =>
                ['$datetime' => \DateTimeImmutable::createFromInterface($value)->setTimezone(new \DateTimeZone('UTC'))->format('Y-m-d\TH:i:s.u\Z')],
            default => $value,
        };
    }

    private static function untagged(mixed $value): mixed
    {
        if (!is_array($value)) {
            return $value;
        }
        $text = reset($value);
        return match (key($value)) {
            '$blob' => base64_decode($text),
            '$integer' => (int) $text,
            '$real' => match ($text) { 'inf' => INF, '-inf' => -INF, 'nan' => NAN, default => (float) $text },
            default => $text,
        };
    }

    private static function rows(array $answer): array
    {
        $columns = array_column($answer['columns'] ?? [], 'name');
        return array_map(static fn ($row) => array_combine($columns, array_map(self::untagged(...), $row)), $answer['rows'] ?? []);
    }
}
