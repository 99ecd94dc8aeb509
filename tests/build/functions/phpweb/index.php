<?php
// Does what tests/build/test_php_web.py asks: what scripts for other servers expect.
use Gojinn\{Request, Response};

function variables(): array
{
    return ['all' => getallheaders(), 'server' => $_SERVER, 'get' => $_GET, 'cookie' => $_COOKIE];
}

function form(): array
{
    return ['post' => $_POST, 'files' => $_FILES, 'request' => $_REQUEST, 'input' => strlen(file_get_contents('php://input'))];
}

function upload(): array
{
    $path = $_FILES['photo']['tmp_name'];
    $moved = move_uploaded_file($path, '/tmp/photo.bin');
    return [
        'read' => md5_file('/tmp/photo.bin'),
        'moved' => $moved,
        'left' => file_exists($path),
        'twice' => move_uploaded_file($path, '/tmp/other'),
        'other' => is_uploaded_file('/tmp/photo.bin'),
        'elsewhere' => @move_uploaded_file($path, '/uploads/photo.bin'),
    ];
}

function files(): array
{
    mkdir('/tmp/a/b', recursive: true);
    file_put_contents('/tmp/a/b/c.txt', "one\ntwo\n", LOCK_EX);
    file_put_contents('/tmp/a/b/c.txt', "three\n", FILE_APPEND);
    $file = fopen('/tmp/a/b/c.txt', 'r+');
    fseek($file, 4);
    fwrite($file, 'TWO');
    fclose($file);
    $unnamed = tmpfile();
    fwrite($unnamed, str_repeat('x', 1000));
    $large = fopen('php://temp', 'w+');
    fwrite($large, str_repeat('x', 3 << 20));
    rename('/tmp/a/b', '/tmp/moved');
    return [
        'lines' => file('/tmp/moved/c.txt', FILE_IGNORE_NEW_LINES),
        'found' => [is_dir('/tmp'), is_file('/tmp/moved/c.txt'), file_exists('/tmp/a/b/c.txt'), filesize('/tmp/moved/c.txt')],
        'listed' => scandir('/tmp/moved'),
        'unnamed' => fstat($unnamed)['size'],
        'large' => ftell($large),
        'named' => tempnam(sys_get_temp_dir(), 'abc'),
        'removed' => [unlink('/tmp/moved/c.txt'), @unlink('/tmp/moved/c.txt'), rmdir('/tmp/moved')],
        'source' => trim(file_get_contents(__DIR__ . '/templates/page.html')),
        'sources' => [file_exists(__DIR__ . '/templates'), is_dir(__DIR__ . '/templates'), realpath('templates/../index.php'), file_exists('/etc/passwd')],
        'temporary' => @file_put_contents('/tmp/none/a', 'x'),
        'written' => file_put_contents(__DIR__ . '/a.txt', 'x'),
        'missing' => file_get_contents('nope.txt'),
    ];
}

function logged(): array
{
    error_log('to the log');
    error_log("a line\nanother");
    file_put_contents('php://stderr', "to standard error\n");
    file_put_contents('php://stderr', "and again\n");
    return [];
}

function streamed(): void
{
    while (ob_get_level() > 0) {
        ob_end_flush();
    }
    ob_start(fn (string $text): string => strtoupper($text));
    echo 'one ';
    ob_flush();
    flush();
    echo 'two ';
    register_shutdown_function(function () {
        echo 'three';
        header('X-Late: yes');
    });
    header('X-Many: 1');
    header('X-Many: 2', false);
    header('X-Once: 1');
    header('X-Once: 2');
    setcookie('a', 'b c', ['path' => '/', 'httponly' => true, 'samesite' => 'Lax']);
    setcookie('d', 'e');
}

function leave(string $how): void
{
    header('Location: /elsewhere');
    ob_start();
    echo 'first ';
    $how === 'text' ? exit('last') : exit(7);
}

return function (Request $request): mixed {
    return match ($request->path) {
        '/variables', '/a b/c' => variables(),
        '/form' => form(),
        '/upload' => upload(),
        '/files' => files(),
        '/log' => logged(),
        '/streamed' => streamed(),
        '/exit' => leave($_GET['how']),
        '/session' => session_start(),
        '/pdo' => new PDO('sqlite::memory:'),
        '/use' => new Sql(),
        '/gz' => gzencode('a'),
        '/late' => late(),
    };
};

function late(): Response
{
    register_shutdown_function(fn () => print('for the log'));
    return Response::text('answered');
}
