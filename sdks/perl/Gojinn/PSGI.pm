package Gojinn::PSGI;

# PSGI applications, such as those of Dancer or Plack, as functions:
#
#   use Gojinn::PSGI;
#   sub handle { my ($request) = @_; return Gojinn::PSGI->call($app, $request) }
#
# https://metacpan.org/pod/PSGI
use strict;
use warnings;

# Has an application answer a request. What it dies of is died of.
sub call {
    my ($class, $app, $request) = @_;
    my $answer = $app->($class->environment($request));
    if (ref $answer eq 'CODE') {
        my ($given, $writer);
        $answer->(sub { ($given) = @_; return $writer = @$given < 3 ? Gojinn::PSGI::Writer->new : undef });
        $answer = $writer ? [@$given, $writer->parts] : $given;
    }
    die "the application answered no list of status, headers and body\n" if ref $answer ne 'ARRAY' || @$answer < 2;
    my ($status, $headers, $body) = @$answer;
    my (%headers, @pairs);
    @pairs = @$headers;
    while (my ($name, $value) = splice @pairs, 0, 2) {
        push @{ $headers{$name} }, $value;
    }
    my $response = Gojinn::Response->new(content($body), status => $status, headers => \%headers);
    $response->{bytes} = 1;
    return $response;
}

# What an application is given of a request.
sub environment {
    my ($class, $request) = @_;
    my ($path, $query) = split /\?/, $request->uri, 2;
    my $scheme = $request->header('x-forwarded-proto') // 'http';
    my ($host, $port) = ($request->header('host') // 'localhost') =~ /\A(.*?)(?::([0-9]+))?\z/;
    my $bytes = $request->body;
    open my $input, '<', \$bytes or die "cannot read the body: $!\n";
    my %environment = (
        REQUEST_METHOD => $request->method,
        SCRIPT_NAME => '',
        PATH_INFO => Gojinn::PSGI::bytes($path // ''),
        REQUEST_URI => $request->uri,
        QUERY_STRING => $query // '',
        SERVER_NAME => $host,
        SERVER_PORT => $port // ($scheme eq 'https' ? 443 : 80),
        SERVER_PROTOCOL => 'HTTP/1.1',
        REMOTE_ADDR => $request->client_ip,
        CONTENT_LENGTH => length $bytes,
        'psgi.version' => [1, 1],
        'psgi.url_scheme' => $scheme,
        'psgi.input' => $input,
        'psgi.errors' => Gojinn::PSGI::Errors->new,
        'psgi.multithread' => 0,
        'psgi.multiprocess' => 1,
        'psgi.run_once' => 1,
        'psgi.nonblocking' => 0,
        'psgi.streaming' => 1,
        'psgix.input.buffered' => 1,
        'gojinn.request' => $request,
    );
    for my $name ($request->header) {
        my @values = $request->header($name);
        my $key = uc $name =~ tr/-/_/r;
        $key = "HTTP_$key" if $key ne 'CONTENT_TYPE' && $key ne 'CONTENT_LENGTH';
        $environment{$key} = join ', ', @values;
    }
    return \%environment;
}

# A path of a request, decoded, as bytes.
sub bytes {
    my ($text) = @_;
    utf8::encode($text);
    $text =~ s/%([0-9a-fA-F]{2})/chr hex $1/ge;
    return $text;
}

# A body is a list of parts, or something to read lines of.
sub content {
    my ($body) = @_;
    return '' if !defined $body;
    return join '', @$body if ref $body eq 'ARRAY';
    my $text = '';
    local $/ = \65536;
    while (defined(my $part = $body->getline)) {
        $text .= $part;
    }
    $body->close;
    return $text;
}

# What an application writes a body to that it has no list of.
package Gojinn::PSGI::Writer;

sub new { my ($class) = @_; return bless { parts => [] }, $class }
sub write { my ($self, $part) = @_; push @{ $self->{parts} }, $part; return }
sub close { return }
sub parts { my ($self) = @_; return $self->{parts} }

# Goes to the function's log.
package Gojinn::PSGI::Errors;

sub new { my ($class) = @_; return bless {}, $class }
sub print { my (undef, @texts) = @_; Gojinn::note(3, join '', @texts); return 1 }

1;
