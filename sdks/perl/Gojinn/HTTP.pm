package Gojinn::HTTP;

# Other servers: those that the function's block names with `allow_host`. HTTP::Tiny asks by this, too.
use strict;
use warnings;

my %KNOWN = map { $_ => 1 } qw(method headers body timeout redirect);

# Asks a server; any status is an answer: { status, headers, body, url, redirected }, headers with a reference to all values
# for each name in lower case. Options: `method`, `headers`, `body`, `timeout` (seconds for all of it), `redirect`
# ('follow', 'manual': it is the answer, 'error'). Errors: denied, unavailable, timeout, too-large, bad-request.
sub fetch {
    my (undef, $url, %options) = @_;
    for my $name (sort keys %options) {
        die "the option '$name' is none of " . join(', ', sort keys %KNOWN) . ' ' . Gojinn::place() . "\n" if !$KNOWN{$name};
    }
    my $given = delete $options{headers} // {};
    my %headers = map { $_ => [map {"$_"} ref $given->{$_} ? @{ $given->{$_} } : $given->{$_}] } keys %$given;
    my $body = delete $options{body};
    my %content = defined $body ? Gojinn::Host->packed('body', $body) : ();
    $options{timeout} += 0 if defined $options{timeout};
    my $answer = Gojinn::Host->call('http.fetch', method => 'GET', url => "$url", headers => \%headers, %content, %options);
    my %fields = map { lc $_ => $answer->{headers}{$_} } keys %{ $answer->{headers} // {} };
    return {
        status     => $answer->{status},
        headers    => \%fields,
        body       => Gojinn::Host->unpacked('body', $answer),
        url        => $answer->{url},
        redirected => $answer->{redirected} ? 1 : 0,
    };
}

# Asks for a page.
sub get { my ($class, $url, %options) = @_; return $class->fetch($url, %options) }

# Sends a body.
sub post { my ($class, $url, $body, %options) = @_; return $class->fetch($url, method => 'POST', body => $body, %options) }

1;
