<?php
// Files in memory: /tmp, for as long as a request runs, and the function's own sources, which can be read.
namespace Gojinn\Native;

/** One of them; a folder has no bytes. */
final class File
{
    public int $changed;

    public function __construct(public ?string $bytes)
    {
        $this->changed = time();
    }
}

/** What PHP takes for its file system. */
final class Files
{
    private const FOLDER = 040755;
    private const FILE = 0100644;
    /** @var array<string, File> what was made below /tmp, by paths without the first slash */
    private static array $made = [];
    /** @var array<string, true> what came with a form */
    private static array $uploaded = [];

    public mixed $context = null;
    private ?File $file = null;
    private int $at = 0;
    private string $mode = 'r';
    private array $names = [];

    /** A path without '.', '..' and slashes that say nothing. */
    public static function plain(string $path): string
    {
        $parts = [];
        foreach (explode('/', preg_replace('{^file://}i', '', $path)) as $part) {
            if ($part === '..') {
                array_pop($parts);
            } elseif ($part !== '' && $part !== '.') {
                $parts[] = $part;
            }
        }
        return implode('/', $parts);
    }

    public static function find(string $name): ?File
    {
        if (isset(self::$made[$name])) {
            return self::$made[$name];
        }
        $sources = sources();
        if (isset($sources[$name])) {
            return new File($sources[$name]);
        }
        $folder = $name === '' || $name === 'tmp' || self::below($name) !== [];
        return $folder ? new File(null) : null;
    }

    /** What is in a folder. */
    private static function below(string $folder): array
    {
        $names = [];
        $start = $folder === '' ? '' : "$folder/";
        foreach ([...array_keys(sources()), ...array_keys(self::$made), ...($folder === '' ? ['tmp'] : [])] as $name) {
            if ($start === '' || str_starts_with((string) $name, $start)) {
                $names[explode('/', substr((string) $name, strlen($start)), 2)[0]] = true;
            }
        }
        return array_map(strval(...), array_keys($names));
    }

    /** Whether something may be made under a name; says why not. */
    private static function may(string $name): bool
    {
        if (booting() || !str_starts_with($name, 'tmp/')) {
            $what = booting() ? 'while the function is loaded' : 'outside of /tmp, whose files last as long as the request';
            trigger_error("'/$name': nothing can be written $what; 'Gojinn\\Blob' keeps objects", E_USER_WARNING);
            return false;
        }
        $folder = dirname($name);
        return $folder === 'tmp' || (isset(self::$made[$folder]) && self::$made[$folder]->bytes === null);
    }

    /** Makes a file that is in no other's way; its path. */
    public static function fresh(string $start): string
    {
        do {
            $name = 'tmp/' . $start . bin2hex(random_bytes(3));
        } while (isset(self::$made[$name]));
        self::$made[$name] = new File('');
        return "/$name";
    }

    public static function temporary(string $start): string|false
    {
        return self::may("tmp/$start") ? self::fresh($start) : false;
    }

    public static function upload(string $content): string
    {
        $path = self::fresh('php');
        $name = self::plain($path);
        self::$made[$name]->bytes = $content;
        self::$uploaded[$name] = true;
        return $path;
    }

    public static function uploaded(string $path): bool
    {
        return isset(self::$uploaded[self::plain($path)]);
    }

    public static function take(string $path, string $target): bool
    {
        $from = self::plain($path);
        if (!isset(self::$uploaded[$from]) || !(new self())->rename($path, $target)) {
            return false;
        }
        unset(self::$uploaded[$from]);
        return true;
    }

    public function stream_open(string $path, string $mode, int $options, ?string &$opened): bool
    {
        $name = self::plain($path);
        $file = self::find($name);
        $this->mode = $mode;
        if (!str_contains($mode, '+') && $mode[0] === 'r') {
            if ($file?->bytes === null) {
                trigger_error("there is no file '/$name': a function has its own sources, and /tmp", E_USER_WARNING);
            }
            $this->file = $file;
            return $file?->bytes !== null;
        }
        $exists = $file !== null;
        if (!self::may($name) || ($exists ? $mode[0] === 'x' || $file->bytes === null : $mode[0] === 'r')) {
            return false;
        }
        $this->file = self::$made[$name] ??= new File('');
        if ($mode[0] === 'w') {
            $this->file->bytes = '';
        }
        return true;
    }

    public function stream_read(int $count): string
    {
        $read = substr($this->file->bytes, $this->at, $count);
        $this->at += strlen($read);
        return $read;
    }

    public function stream_write(string $data): int
    {
        $size = strlen($this->file->bytes);
        $this->at = $this->mode[0] === 'a' ? $size : $this->at;
        if ($this->at > $size) {
            $this->file->bytes .= str_repeat("\0", $this->at - $size);
        }
        if ($this->at >= $size) {
            $this->file->bytes .= $data;
        } else {
            $this->file->bytes = substr_replace($this->file->bytes, $data, $this->at, strlen($data));
        }
        $this->at += strlen($data);
        $this->file->changed = time();
        return strlen($data);
    }

    public function stream_eof(): bool
    {
        return $this->at >= strlen($this->file->bytes);
    }

    public function stream_tell(): int
    {
        return $this->at;
    }

    public function stream_seek(int $offset, int $whence = SEEK_SET): bool
    {
        $to = $offset + match ($whence) {
            SEEK_SET => 0,
            SEEK_CUR => $this->at,
            SEEK_END => strlen($this->file->bytes),
        };
        $this->at = max($to, 0);
        return $to >= 0;
    }

    public function stream_truncate(int $size): bool
    {
        $this->file->bytes = str_pad(substr($this->file->bytes, 0, $size), $size, "\0");
        return true;
    }

    public function stream_stat(): array
    {
        return self::stat($this->file);
    }

    public function stream_lock(int $operation): bool
    {
        return true;
    }

    public function stream_flush(): bool
    {
        return true;
    }

    public function stream_set_option(int $option, int $one, int $two): bool
    {
        return false;
    }

    public function stream_metadata(string $path, int $option, mixed $value): bool
    {
        $name = self::plain($path);
        if ($option !== STREAM_META_TOUCH) {
            return isset(self::$made[$name]);
        }
        if (!self::may($name)) {
            return false;
        }
        self::$made[$name] ??= new File('');
        self::$made[$name]->changed = $value[0] ?? time();
        return true;
    }

    public function url_stat(string $path, int $flags): array|false
    {
        $file = self::find(self::plain($path));
        return $file === null ? false : self::stat($file);
    }

    private static function stat(File $file): array
    {
        $mode = $file->bytes === null ? self::FOLDER : self::FILE;
        $times = ['atime' => $file->changed, 'mtime' => $file->changed, 'ctime' => $file->changed];
        $known = ['dev' => 0, 'ino' => 0, 'mode' => $mode, 'nlink' => 1, 'uid' => 0, 'gid' => 0, 'rdev' => 0];
        return $known + ['size' => strlen($file->bytes ?? '')] + $times + ['blksize' => -1, 'blocks' => -1];
    }

    public function unlink(string $path): bool
    {
        $name = self::plain($path);
        if ((self::$made[$name] ?? null)?->bytes === null) {
            return false;
        }
        unset(self::$made[$name]);
        return true;
    }

    public function rename(string $path, string $target): bool
    {
        [$from, $to] = [self::plain($path), self::plain($target)];
        if (!isset(self::$made[$from]) || !self::may($to) || str_starts_with("$to/", "$from/")) {
            return false;
        }
        foreach (self::$made as $name => $file) {
            if ($name === $from || str_starts_with($name, "$from/")) {
                unset(self::$made[$name]);
                self::$made[$to . substr($name, strlen($from))] = $file;
            }
        }
        return true;
    }

    public function mkdir(string $path, int $mode, int $options): bool
    {
        $name = self::plain($path);
        if ($options & STREAM_MKDIR_RECURSIVE && dirname($name) !== '.' && self::find(dirname($name)) === null) {
            $this->mkdir(dirname($name), $mode, $options);
        }
        if (self::find($name) !== null || !self::may($name)) {
            return false;
        }
        self::$made[$name] = new File(null);
        return true;
    }

    public function rmdir(string $path, int $options): bool
    {
        $name = self::plain($path);
        if (!isset(self::$made[$name]) || self::$made[$name]->bytes !== null || self::below($name) !== []) {
            return false;
        }
        unset(self::$made[$name]);
        return true;
    }

    public function dir_opendir(string $path, int $options): bool
    {
        $file = self::find(self::plain($path));
        $this->names = ['.', '..', ...self::below(self::plain($path))];
        return $file !== null && $file->bytes === null;
    }

    public function dir_readdir(): string|false
    {
        return $this->names[$this->at++] ?? false;
    }

    public function dir_rewinddir(): bool
    {
        $this->at = 0;
        return true;
    }
}

stream_wrapper_unregister('file');
stream_wrapper_register('file', Files::class);
