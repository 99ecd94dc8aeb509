<?php
// What the log is told of errors.
namespace Gojinn\Native;

use Gojinn\HostException;

// What scripts for other servers call, and what there is in its place.
const INSTEAD = [
    '/function session_\w+\(\)/' => "there are no sessions: keep what belongs to a visitor with 'Gojinn\Kv', under a name that a cookie holds",
    '/function (mysqli|mysql|pg|sqlite)_\w+\(\)|Class "(PDO|mysqli|SQLite3)"/i' => "there are no drivers of databases: use 'Gojinn\Sql'",
    '/function (gz|openssl_|image|simplexml_|xml_|posix_|pcntl_|curl_share_)\w+\(\)|Class "(DOMDocument|SimpleXMLElement|ZipArchive|Imagick|XMLReader|IntlDateFormatter)"/'
        => 'that extension is not part of PHP here',
    '/Class "(Ai|Blob|Host|HostException|Http|Kv|Lock|Log|Queue|Request|Response|Sql)" not found/' => "write 'use Gojinn\\\$1;' at the top of the file",
];

// A message, with what would help.
function helped(string $message): string
{
    foreach (str_starts_with($message, 'Call to undefined') || str_starts_with($message, 'Class "') ? INSTEAD : [] as $pattern => $hint) {
        if (preg_match($pattern, $message, $found)) {
            return "$message: " . str_replace('$1', $found[1] ?? '', $hint);
        }
    }
    return $message;
}

// An error's text, with where it happened.
function report(\Throwable $error): string
{
    $class = $error::class;
    $lines = [helped($error->getMessage()) . (in_array($class, ['Exception', 'Error', HostException::class], true) ? '' : " ($class)")];
    $place = $error->getFile() . ':' . $error->getLine();
    foreach ($error->getTrace() as $frame) {
        $name = ($frame['class'] ?? '') . ($frame['type'] ?? '') . $frame['function'];
        $ours = str_starts_with($place, 'gojinn:');
        $lines[] = $ours ? null : "    at $place in $name()";
        $place = ($frame['file'] ?? 'gojinn:') . ':' . ($frame['line'] ?? 0);
    }
    $lines[] = str_starts_with($place, 'gojinn:') ? null : "    at $place";
    $before = $error->getPrevious();
    return implode("\n", array_filter($lines)) . ($before ? "\nbecause: " . report($before) : '');
}
