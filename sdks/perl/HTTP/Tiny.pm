package HTTP::Tiny;

# What Perl's own does, by the host: its methods and answers, without connections to be told of. What cannot be done is an
# answer with the status 599 and the reason as its content, as ever.
use strict;
use warnings;

our $VERSION = '0.090';

my @ATTRIBUTES = qw(agent cookie_jar default_headers http_proxy https_proxy keep_alive local_address max_redirect max_size
    no_proxy proxy SSL_options timeout verify_SSL);
my %REASONS = (
    200 => 'OK', 201 => 'Created', 202 => 'Accepted', 204 => 'No Content', 206 => 'Partial Content', 301 => 'Moved Permanently',
    302 => 'Found', 303 => 'See Other', 304 => 'Not Modified', 307 => 'Temporary Redirect', 308 => 'Permanent Redirect',
    400 => 'Bad Request', 401 => 'Unauthorized', 403 => 'Forbidden', 404 => 'Not Found', 405 => 'Method Not Allowed',
    409 => 'Conflict', 410 => 'Gone', 413 => 'Payload Too Large', 415 => 'Unsupported Media Type', 422 => 'Unprocessable Entity',
    429 => 'Too Many Requests', 500 => 'Internal Server Error', 501 => 'Not Implemented', 502 => 'Bad Gateway',
    503 => 'Service Unavailable', 504 => 'Gateway Timeout', 599 => 'Internal Exception',
);

for my $name (@ATTRIBUTES) {
    no strict 'refs';
    *$name = sub { my $self = shift; $self->{$name} = shift if @_; return $self->{$name} };
}

sub new {
    my ($class, %given) = @_;
    my $self = bless { agent => "HTTP-Tiny/$VERSION", default_headers => {}, max_redirect => 5, timeout => 60, verify_SSL => 1 }, $class;
    $self->{$_} = $given{$_} for grep { exists $given{$_} } @ATTRIBUTES;
    $self->{agent} .= "HTTP-Tiny/$VERSION" if defined $self->{agent} && $self->{agent} =~ / \z/;
    return $self;
}

for my $method (qw(get head put post patch delete)) {
    no strict 'refs';
    *$method = sub {
        my ($self, $url, $options) = @_;
        wrong("\$http->$method(URL, [OPTIONS])") if @_ < 2 || @_ > 3 || @_ == 3 && ref $options ne 'HASH';
        return $self->request(uc $method, $url, $options // {});
    };
}

sub post_form {
    my ($self, $url, $data, $options) = @_;
    wrong('$http->post_form(URL, DATAREF, [OPTIONS])') if @_ < 3 || @_ > 4 || @_ == 4 && ref $options ne 'HASH';
    my %headers = map { lc $_ => $options->{headers}{$_} } keys %{ $options->{headers} // {} };
    $headers{'content-type'} = 'application/x-www-form-urlencoded';
    my $content = $self->www_form_urlencode($data);
    return $self->request('POST', $url, { %{ $options // {} }, headers => \%headers, content => $content });
}

sub mirror { die 'HTTP::Tiny cannot mirror: there are no files in a sandbox, use get ' . Gojinn::place() . "\n" }
sub connected { return }
sub can_ssl { return wantarray ? (1, '') : 1 }

sub request {
    my ($self, $method, $url, $options) = @_;
    $options //= {};
    wrong('$http->request(METHOD, URL, [OPTIONS])') if @_ < 3 || @_ > 4 || ref $options ne 'HASH';
    my $answer = eval { $self->ask($method, "$url", $options) };
    return $answer if $answer;
    my $reason = Gojinn::Error->is($@) ? $@->message : "$@";
    utf8::encode($reason) if utf8::is_utf8($reason);
    my $fields = { 'content-type' => 'text/plain', 'content-length' => length $reason };
    return { success => '', status => 599, reason => $REASONS{599}, content => $reason, headers => $fields, url => "$url" };
}

# Asks, and follows redirects, each of which is a request of its own.
sub ask {
    my ($self, $method, $url, $options) = @_;
    my %headers = $self->fields($options);
    my $content = $options->{content};
    if (ref $content eq 'CODE') {
        my ($read, @parts) = $content;
        while (defined(my $part = $read->()) ) { last if !length $part; push @parts, $part }
        $content = join '', @parts;
    }
    $headers{'content-type'} //= 'application/octet-stream' if defined $content && length $content;
    my @before;
    while (1) {
        my $answer = $self->once($method, $url, \%headers, $content);
        my $to = $answer->{headers}{location};
        my $follows = $answer->{status} == 303 || $answer->{status} =~ /\A30[1278]\z/ && $method =~ /\A(?:GET|HEAD)\z/;
        if (!defined $to || !$follows || @before >= $self->{max_redirect}) {
            $answer->{redirects} = \@before if @before;
            return delivered($answer, $options->{data_callback});
        }
        push @before, $answer;
        ($method, $content) = ('GET', undef) if $answer->{status} == 303;
        $to = joined($url, ref $to ? $to->[0] : $to);
        delete @headers{qw(authorization cookie)} if origin($to) ne origin($url);
        $url = $to;
    }
}

# The header fields of a request, by lower-case names, without those that are the host's.
sub fields {
    my ($self, $options) = @_;
    my %headers;
    for my $given ($self->{default_headers} // {}, $options->{headers} // {}) {
        $headers{ lc $_ } = $given->{$_} for grep { defined $given->{$_} } keys %$given;
    }
    delete @headers{qw(host connection content-length transfer-encoding te)};
    $headers{'user-agent'} //= $self->{agent} if defined $self->{agent};
    return %headers;
}

# Makes one request.
sub once {
    my ($self, $method, $url, $headers, $content) = @_;
    my %sent = %$headers;
    if ($url =~ s{\A(https?://)([^/?#\@]*)\@}{$1}i) {
        my $login = $2;
        $login =~ s/%([0-9a-fA-F]{2})/chr hex $1/ge;
        $sent{authorization} //= 'Basic ' . Gojinn::Host->base64($login);
    }
    $url =~ s/#.*//s;
    my $jar = $self->{cookie_jar};
    my $cookies = $jar && $jar->cookie_header($url);
    $sent{cookie} = $cookies if defined $cookies && length $cookies;
    delete $sent{'content-type'} if !defined $content;
    my %more = defined $content && length $content ? (body => $content) : ();
    $more{timeout} = $self->{timeout} if $self->{timeout};
    my $got = Gojinn::HTTP->fetch($url, method => uc $method, headers => \%sent, redirect => 'manual', %more);
    if ($jar) { $jar->add($url, $_) for @{ $got->{headers}{'set-cookie'} // [] } }
    die "the answer is larger than max_size, $self->{max_size} bytes\n"
        if $self->{max_size} && length $got->{body} > $self->{max_size};
    my %fields = map { my $values = $got->{headers}{$_}; $_ => @$values == 1 ? $values->[0] : $values } keys %{ $got->{headers} };
    return {
        success  => $got->{status} =~ /\A2/ ? 1 : '',
        status   => $got->{status},
        reason   => $REASONS{ $got->{status} } // '',
        protocol => 'HTTP/1.1',
        url      => $url,
        headers  => \%fields,
        content  => $got->{body},
    };
}

sub delivered {
    my ($answer, $callback) = @_;
    $callback->(delete $answer->{content}, $answer) if $callback;
    return $answer;
}

sub origin { my ($url) = @_; return $url =~ m{\A(https?)://(?:[^/?#\@]*\@)?([^/?#]*)}i ? lc "$1://$2" : '' }

# Where an address leads that stands in an answer from another one (RFC 3986, section 5, without dots).
sub joined {
    my ($from, $to) = @_;
    return $to if $to =~ m{\A[a-z][-+.a-z0-9]*:}i;
    my ($scheme, $rest) = $from =~ m{\A(https?:)(//[^?#]*)}i;
    return "$scheme$to" if $to =~ m{\A//};
    my ($host, $path) = $rest =~ m{\A(//[^/]*)(/.*)?\z}s;
    return "$scheme$host$to" if $to =~ m{\A/};
    ($path = $path // '/') =~ s{[^/]*\z}{};
    return "$scheme$host$path$to";
}

# Writes a form: a reference to a hash, its values perhaps references to several, or to a list of pairs.
sub www_form_urlencode {
    my (undef, $data) = @_;
    wrong('$http->www_form_urlencode(DATAREF)') if @_ != 2 || ref $data !~ /\A(?:HASH|ARRAY)\z/;
    my @pairs = ref $data eq 'HASH' ? map { $_ => $data->{$_} } sort keys %$data : @$data;
    die "a form's list has pairs of names and values " . Gojinn::place() . "\n" if @pairs % 2;
    my @parts;
    while (my ($name, $value) = splice @pairs, 0, 2) {
        push @parts, map { escaped($name) . '=' . escaped($_ // '') } ref $value eq 'ARRAY' ? @$value : $value;
    }
    return join '&', @parts;
}

sub escaped {
    my ($text) = @_;
    utf8::encode($text) if utf8::is_utf8($text);
    $text =~ s/([^A-Za-z0-9_.~ -])/sprintf '%%%02X', ord $1/ge;
    $text =~ tr/ /+/;
    return $text;
}

sub wrong { my ($usage) = @_; die "usage: $usage " . Gojinn::place() . "\n" }

1;
