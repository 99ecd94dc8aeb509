<?php
namespace Gojinn\Native;

/** What forms send: $_POST and $_FILES. */
final class Forms
{
    private const LONGEST_HEAD = 8 << 10;
    private array $fields = [];
    private array $values = [];
    private array $files = [];
    private array $uploads = [];

    public static function read(string $type, string $body): void
    {
        $kind = strtolower(trim(explode(';', $type, 2)[0]));
        if ($kind === 'application/x-www-form-urlencoded') {
            parse_str($body, $_POST);
        } elseif ($kind === 'multipart/form-data') {
            (new self())->parts($type, $body);
        }
        $_REQUEST = $_POST + $_GET;
    }

    /** RFC 7578. A file that was cut off has the error UPLOAD_ERR_PARTIAL. */
    private function parts(string $type, string $body): void
    {
        if (!preg_match('/;\s*boundary=(?:"([^"]+)"|([^;,\s]+))/i', $type, $found)) {
            trigger_error('the form has no boundary in its Content-Type', E_USER_WARNING);
            return;
        }
        $mark = "\r\n--" . ($found[2] ?? $found[1]);
        $at = str_starts_with($body, substr($mark, 2)) ? -2 : strpos($body, $mark);
        while ($at !== false && substr($body, $at + strlen($mark), 2) !== '--') {
            $line = strpos($body, "\r\n", $at + strlen($mark));
            $end = $line === false ? false : strpos($body, "\r\n\r\n", $line);
            if ($end === false) {
                break;
            }
            $at = strpos($body, $mark, $end + 4);
            $head = $end - $line > self::LONGEST_HEAD ? '' : substr($body, $line, $end - $line);
            $this->part($head, $at === false ? null : substr($body, $end + 4, $at - $end - 4));
        }
        $_POST = self::arranged($this->fields, $this->values);
        $_FILES = self::arranged($this->files, $this->uploads);
    }

    private function part(string $head, ?string $content): void
    {
        if (!preg_match('/^content-disposition:\s*form-data(.*)$/mi', $head, $line)) {
            return;
        }
        $given = ['name' => '', 'filename' => null];
        preg_match_all('/;\s*(name|filename)=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\s]*))/i', $line[1], $found, PREG_SET_ORDER);
        foreach ($found as $each) {
            $given[strtolower($each[1])] = str_replace('\\"', '"', $each[3] ?? $each[2]);
        }
        if ($given['name'] === '') {
            return;
        }
        if ($given['filename'] !== null) {
            $type = preg_match('/^content-type:\s*(.*?)\s*$/mi', $head, $kind) ? $kind[1] : '';
            $this->file($given['name'], $given['filename'], $type, $content);
        } elseif ($content !== null) {
            $this->fields[] = urlencode($given['name']) . '=' . count($this->values);
            $this->values[] = $content;
        }
    }

    private function file(string $field, string $path, string $type, ?string $content): void
    {
        if (count($this->uploads) >= 6 * (int) ini_get('max_file_uploads')) {
            trigger_error("more files than 'max_file_uploads' were sent", E_USER_WARNING);
            return;
        }
        $error = $path === '' ? UPLOAD_ERR_NO_FILE : ($content === null ? UPLOAD_ERR_PARTIAL : UPLOAD_ERR_OK);
        $known = [
            'name' => substr($path, max((int) strrpos("/$path", '/'), (int) strrpos("\\$path", '\\'))),
            'full_path' => $path,
            'type' => $error === UPLOAD_ERR_OK ? $type : '',
            'tmp_name' => $error === UPLOAD_ERR_OK ? Files::upload($content) : '',
            'error' => $error,
            'size' => $error === UPLOAD_ERR_OK ? strlen($content) : 0,
        ];
        $bracket = strpos($field, '[') ?: strlen($field);
        foreach ($known as $what => $value) {
            $name = substr($field, 0, $bracket) . "[$what]" . substr($field, $bracket);
            $this->files[] = urlencode($name) . '=' . count($this->uploads);
            $this->uploads[] = $value;
        }
    }

    /** Nests by names such as a[b][]; the query has numbers of the values, which may be large. */
    private static function arranged(array $query, array $values): array
    {
        parse_str(implode('&', $query), $arranged);
        array_walk_recursive($arranged, static function (mixed &$number) use ($values): void {
            $number = $values[(int) $number];
        });
        return $arranged;
    }
}
