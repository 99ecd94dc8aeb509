<?php
namespace Gojinn;

/** What the host refuses. The code is a word such as 'conflict' (getCode()), the message says what would help. */
final class HostException extends \RuntimeException
{
    public function __construct(string $code, string $message)
    {
        parent::__construct($message);
        $this->code = $code;
    }

    /** Whether it is of that code. */
    public function is(string $code): bool
    {
        return $this->code === $code;
    }
}
