<?php
namespace Gojinn;

/** Keys, shared by all functions of a tenant. Needs `permissions { kv_read …; kv_write … }`. */
final class Kv
{
    /** The value of a key, null where there is none. */
    public static function get(string $key, bool $consistent = false): ?string
    {
        return self::entry($key, $consistent)?->value;
    }

    /** What a key holds, with its revision; null where there is none. `consistent` asks the store's leader. */
    public static function entry(string $key, bool $consistent = false): ?Entry
    {
        $found = Host::find('kv.get', ['key' => $key, 'consistent' => $consistent]);
        return $found === null ? null : new Entry($key, Host::unpacked('value', $found), $found['revision']);
    }

    /** Writes a key, gone after `ttl` seconds if that is said; its revision. */
    public static function put(string $key, string $value, ?float $ttl = null): int
    {
        return self::write('kv.put', $key, $value, ttl: $ttl);
    }

    /** Writes a key that does not exist. Fails as 'conflict' where it does. */
    public static function create(string $key, string $value, ?float $ttl = null): int
    {
        return self::write('kv.create', $key, $value, ttl: $ttl);
    }

    /** Writes a key that still has a revision, 0 for one that does not exist. Fails as 'conflict'. */
    public static function cas(string $key, string $value, int $revision, ?float $ttl = null): int
    {
        return self::write('kv.cas', $key, $value, revision: $revision, ttl: $ttl);
    }

    private static function write(string $operation, string $key, string $value, mixed ...$more): int
    {
        return Host::call($operation, ['key' => $key] + Host::packed('value', $value) + Host::given(...$more))['revision'];
    }

    /** Deletes a key, if it still has the revision where one is given. */
    public static function delete(string $key, ?int $revision = null): void
    {
        Host::call('kv.delete', Host::given(key: $key, revision: $revision));
    }

    /** One page: ['keys' => names, 'next' => what to give as `after` for more, or null]. */
    public static function list(string $prefix = '', ?string $after = null, ?int $limit = null): array
    {
        $page = Host::call('kv.list', Host::given(prefix: $prefix, after: $after, limit: $limit));
        return ['keys' => array_column($page['keys'], 'key'), 'next' => $page['next'] ?? null];
    }

    /** Makes up to 100 changes at once, or none: ['key' =>, 'value' =>] or ['key' =>, 'delete' => true], with
     *  'revision' and 'ttl' if they matter. The revisions. */
    public static function commit(array $changes): array
    {
        $asked = [];
        foreach ($changes as $change) {
            $what = ($change['delete'] ?? false) ? ['delete' => true] : Host::packed('value', $change['value']);
            $more = Host::given(revision: $change['revision'] ?? null, ttl: $change['ttl'] ?? null);
            $asked[] = ['key' => $change['key']] + $what + $more;
        }
        return Host::call('kv.commit', ['changes' => $asked])['revisions'];
    }

    /** What has changed after a revision: ['changes' => […], 'revision' =>]. Waits up to `wait` seconds. */
    public static function watch(string $prefix = '', ?int $after = null, ?float $wait = null): array
    {
        $told = Host::call('kv.watch', Host::given(prefix: $prefix, after: $after, wait: $wait));
        foreach ($told['changes'] as &$change) {
            if (empty($change['deleted'])) {
                $change = ['value' => Host::unpacked('value', $change)] + $change;
            }
        }
        return $told;
    }
}

/** What a key holds. */
final class Entry
{
    public function __construct(
        public readonly string $key,
        public readonly string $value,
        public readonly int $revision,
    ) {
    }
}
