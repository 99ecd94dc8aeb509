<?php
// What most code does with ext/curl, on the host's HTTP. Certificates are always verified, proxies and files of
// certificates are the host's, and a request's body and answer are there as a whole.
namespace {

    use Gojinn\Native\Curl;

    const CURL_CONSTANTS = [
        'CURLOPT_' => [
            'PORT' => 3, 'TIMEOUT' => 13, 'INFILESIZE' => 14, 'LOW_SPEED_LIMIT' => 19, 'LOW_SPEED_TIME' => 20, 'RESUME_FROM' => 21, 'SSLVERSION' => 32,
            'VERBOSE' => 41, 'HEADER' => 42, 'NOPROGRESS' => 43, 'NOBODY' => 44, 'FAILONERROR' => 45, 'UPLOAD' => 46, 'POST' => 47,
            'FOLLOWLOCATION' => 52, 'PUT' => 54, 'AUTOREFERER' => 58, 'POSTFIELDSIZE' => 60, 'SSL_VERIFYPEER' => 64,
            'MAXREDIRS' => 68, 'FILETIME' => 69, 'MAXCONNECTS' => 71, 'FRESH_CONNECT' => 74, 'FORBID_REUSE' => 75,
            'CONNECTTIMEOUT' => 78, 'HTTPGET' => 80, 'SSL_VERIFYHOST' => 81, 'HTTP_VERSION' => 84, 'BUFFERSIZE' => 98,
            'NOSIGNAL' => 99, 'UNRESTRICTED_AUTH' => 105, 'HTTPAUTH' => 107, 'IPRESOLVE' => 113, 'TCP_NODELAY' => 121, 'TIMEOUT_MS' => 155,
            'CONNECTTIMEOUT_MS' => 156, 'POSTREDIR' => 161, 'PROTOCOLS' => 181, 'REDIR_PROTOCOLS' => 182, 'TCP_KEEPALIVE' => 213,
            'SSL_VERIFYSTATUS' => 232, 'FILE' => 10001, 'URL' => 10002, 'PROXY' => 10004, 'USERPWD' => 10005, 'RANGE' => 10007,
            'INFILE' => 10009, 'READDATA' => 10009, 'POSTFIELDS' => 10015, 'REFERER' => 10016, 'USERAGENT' => 10018, 'COOKIE' => 10022, 'HTTPHEADER' => 10023,
            'SSLCERT' => 10025, 'WRITEHEADER' => 10029, 'COOKIEFILE' => 10031, 'CUSTOMREQUEST' => 10036, 'STDERR' => 10037,
            'SSLCERTPASSWD' => 10026, 'SSLKEYPASSWD' => 10026, 'CAINFO' => 10065, 'SSLCERTTYPE' => 10086, 'COOKIEJAR' => 10082, 'SSLKEY' => 10087, 'CAPATH' => 10097, 'ENCODING' => 10102,
            'ACCEPT_ENCODING' => 10102, 'PRIVATE' => 10103, 'USERNAME' => 10173, 'PASSWORD' => 10174, 'NOPROXY' => 10177,
            'RESOLVE' => 10203, 'XOAUTH2_BEARER' => 10220, 'PROTOCOLS_STR' => 10318, 'WRITEFUNCTION' => 20011, 'READFUNCTION' => 20012,
            'PROGRESSFUNCTION' => 20056, 'HEADERFUNCTION' => 20079, 'XFERINFOFUNCTION' => 20219, 'RETURNTRANSFER' => 19913,
            'BINARYTRANSFER' => 19914,
        ],
        'CURLINFO_' => [
            'EFFECTIVE_URL' => 1048577, 'HTTP_CODE' => 2097154, 'RESPONSE_CODE' => 2097154, 'TOTAL_TIME' => 3145731,
            'NAMELOOKUP_TIME' => 3145732, 'CONNECT_TIME' => 3145733, 'PRETRANSFER_TIME' => 3145734, 'SIZE_UPLOAD' => 3145735,
            'SIZE_DOWNLOAD' => 3145736, 'HEADER_SIZE' => 2097163, 'REQUEST_SIZE' => 2097164, 'SSL_VERIFYRESULT' => 2097165,
            'STARTTRANSFER_TIME' => 3145745, 'CONTENT_TYPE' => 1048594, 'REDIRECT_TIME' => 3145747, 'REDIRECT_COUNT' => 2097172,
            'PRIVATE' => 1048597, 'REDIRECT_URL' => 1048607, 'PRIMARY_IP' => 1048608, 'HEADER_OUT' => 2,
            'CONTENT_LENGTH_DOWNLOAD' => 3145743, 'HTTP_VERSION' => 2097198, 'APPCONNECT_TIME' => 3145761, 'SPEED_DOWNLOAD' => 3145737,
            'SPEED_UPLOAD' => 3145738, 'PRIMARY_PORT' => 2097192, 'NUM_CONNECTS' => 2097178, 'SCHEME' => 1048625,
        ],
        'CURLE_' => [
            'OK' => 0, 'UNSUPPORTED_PROTOCOL' => 1, 'FAILED_INIT' => 2, 'URL_MALFORMAT' => 3, 'COULDNT_RESOLVE_PROXY' => 5,
            'COULDNT_RESOLVE_HOST' => 6, 'COULDNT_CONNECT' => 7, 'PARTIAL_FILE' => 18, 'HTTP_RETURNED_ERROR' => 22,
            'HTTP_NOT_FOUND' => 22, 'WRITE_ERROR' => 23, 'READ_ERROR' => 26, 'OPERATION_TIMEDOUT' => 28, 'OPERATION_TIMEOUTED' => 28,
            'SSL_CONNECT_ERROR' => 35, 'ABORTED_BY_CALLBACK' => 42, 'TOO_MANY_REDIRECTS' => 47, 'GOT_NOTHING' => 52, 'SEND_ERROR' => 55,
            'RECV_ERROR' => 56, 'SSL_PEER_CERTIFICATE' => 60, 'SSL_CACERT' => 60, 'FILESIZE_EXCEEDED' => 63,
        ],
        'CURL' => [
            'M_CALL_MULTI_PERFORM' => -1, 'M_OK' => 0, 'M_BAD_HANDLE' => 1, 'M_BAD_EASY_HANDLE' => 2, 'M_ADDED_ALREADY' => 7,
            'MSG_DONE' => 1, 'PROTO_HTTP' => 1, 'PROTO_HTTPS' => 2, 'MOPT_PIPELINING' => 3, 'MOPT_MAXCONNECTS' => 6,
            'MOPT_MAX_HOST_CONNECTIONS' => 7, 'MOPT_MAX_TOTAL_CONNECTIONS' => 13, 'PIPE_MULTIPLEX' => 2, 'AUTH_BASIC' => 1,
            'AUTH_DIGEST' => 2, 'AUTH_NTLM' => 8, 'AUTH_BEARER' => 64, 'AUTH_ANY' => -17, '_HTTP_VERSION_NONE' => 0, '_HTTP_VERSION_1_0' => 1,
            '_HTTP_VERSION_1_1' => 2, '_HTTP_VERSION_2_0' => 3, '_HTTP_VERSION_2' => 3, '_HTTP_VERSION_2TLS' => 4,
            '_IPRESOLVE_WHATEVER' => 0, '_IPRESOLVE_V4' => 1, '_IPRESOLVE_V6' => 2, '_SSLVERSION_DEFAULT' => 0,
            '_SSLVERSION_TLSv1' => 1, '_SSLVERSION_TLSv1_0' => 4, '_SSLVERSION_TLSv1_1' => 5, '_SSLVERSION_TLSv1_2' => 6,
            '_SSLVERSION_TLSv1_3' => 7, '_VERSION_SSL' => 4, '_VERSION_LIBZ' => 8, '_VERSION_HTTP2' => 65536, '_READFUNC_PAUSE' => 268435457,
            'VERSION_NOW' => 10,
        ],
    ];
    foreach (CURL_CONSTANTS as $start => $each) {
        foreach ($each as $name => $value) {
            define($start . $name, $value);
        }
    }

    final class CurlHandle
    {
        /** @internal */
        public Curl $state;
    }

    final class CurlMultiHandle
    {
        /** @internal @var array<int, CurlHandle> */
        public array $handles = [], $running = [], $done = [];
    }

    class CURLFile
    {
        public function __construct(public string $name, public string $mime = '', public string $postname = '')
        {
        }
    }

    class CURLStringFile
    {
        public function __construct(public string $data, public string $postname, public string $mime = 'application/octet-stream')
        {
        }
    }

    function curl_init(?string $url = null): CurlHandle|false
    {
        $handle = new CurlHandle();
        $handle->state = new Curl();
        if ($url !== null) {
            $handle->state->options[CURLOPT_URL] = $url;
        }
        return $handle;
    }

    function curl_setopt(CurlHandle $handle, int $option, mixed $value): bool
    {
        return $handle->state->set($option, $value);
    }

    function curl_setopt_array(CurlHandle $handle, array $options): bool
    {
        foreach ($options as $option => $value) {
            if (!$handle->state->set($option, $value)) {
                return false;
            }
        }
        return true;
    }

    function curl_exec(CurlHandle $handle): string|bool
    {
        return $handle->state->run($handle);
    }

    function curl_getinfo(CurlHandle $handle, ?int $option = null): mixed
    {
        return $handle->state->known($option);
    }

    function curl_errno(CurlHandle $handle): int
    {
        return $handle->state->code;
    }

    function curl_error(CurlHandle $handle): string
    {
        return $handle->state->problem;
    }

    function curl_strerror(int $code): ?string
    {
        return Curl::PROBLEMS[$code] ?? "error $code";
    }

    function curl_reset(CurlHandle $handle): void
    {
        $handle->state = new Curl();
    }

    function curl_copy_handle(CurlHandle $handle): CurlHandle|false
    {
        $copy = new CurlHandle();
        $copy->state = new Curl();
        $copy->state->options = $handle->state->options;
        return $copy;
    }

    function curl_close(CurlHandle $handle): void
    {
    }

    function curl_escape(CurlHandle $handle, string $text): string
    {
        return rawurlencode($text);
    }

    function curl_unescape(CurlHandle $handle, string $text): string
    {
        return rawurldecode($text);
    }

    function curl_version(): array
    {
        return [
            'version' => '8.0.0', 'version_number' => 0x080000, 'features' => CURL_VERSION_SSL | CURL_VERSION_LIBZ, 'protocols' => ['http', 'https'],
            'host' => 'wasm32-wasi', 'ssl_version' => 'Gojinn', 'ssl_version_number' => 0, 'libz_version' => '', 'age' => 0,
        ];
    }

    function curl_multi_init(): CurlMultiHandle
    {
        return new CurlMultiHandle();
    }

    function curl_multi_setopt(CurlMultiHandle $multi, int $option, mixed $value): bool
    {
        return true;
    }

    function curl_multi_add_handle(CurlMultiHandle $multi, CurlHandle $handle): int
    {
        if (isset($multi->handles[spl_object_id($handle)])) {
            return CURLM_ADDED_ALREADY;
        }
        $multi->handles[spl_object_id($handle)] = $multi->running[spl_object_id($handle)] = $handle;
        return CURLM_OK;
    }

    function curl_multi_remove_handle(CurlMultiHandle $multi, CurlHandle $handle): int
    {
        $handle->state->cancel();
        unset($multi->handles[spl_object_id($handle)], $multi->running[spl_object_id($handle)]);
        return CURLM_OK;
    }

    /** Goes on with what can go on without waiting. */
    function curl_multi_exec(CurlMultiHandle $multi, ?int &$running): int
    {
        Curl::proceed($multi, 0.0);
        $running = count($multi->running);
        return CURLM_OK;
    }

    function curl_multi_select(CurlMultiHandle $multi, float $timeout = 1.0): int
    {
        return Curl::proceed($multi, $timeout);
    }

    function curl_multi_info_read(CurlMultiHandle $multi, ?int &$queued = null): array|false
    {
        $handle = array_shift($multi->done);
        $queued = count($multi->done);
        return $handle === null ? false : ['msg' => CURLMSG_DONE, 'result' => $handle->state->code, 'handle' => $handle];
    }

    function curl_multi_getcontent(CurlHandle $handle): ?string
    {
        return ($handle->state->options[CURLOPT_RETURNTRANSFER] ?? false) ? $handle->state->content : null;
    }

    function curl_multi_errno(CurlMultiHandle $multi): int
    {
        return CURLM_OK;
    }

    function curl_multi_strerror(int $code): ?string
    {
        return $code === CURLM_OK ? 'No error' : "error $code";
    }

    function curl_multi_close(CurlMultiHandle $multi): void
    {
        array_map(static fn ($handle) => curl_multi_remove_handle($multi, $handle), $multi->handles);
    }
}
