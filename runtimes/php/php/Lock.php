<?php
namespace Gojinn;

/** A lock among all functions of a tenant, on all nodes. */
final class Lock
{
    private function __construct(
        public readonly string $name,
        private readonly string $owner,
        /** Higher than that of whoever had the lock before. */
        public readonly int $token,
        /** Seconds after which it is given back by itself. */
        public private(set) float $ttl,
    ) {
    }

    /** Takes a lock, waiting up to `wait` seconds for it. Fails as 'conflict' when somebody else has it. */
    public static function acquire(string $name, ?float $ttl = null, ?float $wait = null): self
    {
        $answer = Host::call('lock.acquire', Host::given(name: $name, ttl: $ttl, wait: $wait));
        return new self($name, $answer['owner'], $answer['token'], $answer['ttl']);
    }

    /** Does something while the lock is held. */
    public static function run(string $name, callable $action, ?float $ttl = null, ?float $wait = null): mixed
    {
        $held = self::acquire($name, $ttl, $wait);
        try {
            return $action($held);
        } finally {
            $held->release();
        }
    }

    /** Keeps it for some seconds from now. Fails as 'conflict' when it was lost. */
    public function renew(?float $ttl = null): void
    {
        $this->ttl = Host::call('lock.renew', Host::given(name: $this->name, owner: $this->owner, ttl: $ttl))['ttl'];
    }

    /** Gives it back. Fails as 'conflict' when it was lost. */
    public function release(): void
    {
        Host::call('lock.release', ['name' => $this->name, 'owner' => $this->owner]);
    }
}
