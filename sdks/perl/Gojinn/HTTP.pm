package Gojinn::HTTP;

# Other servers, as far as the host lets the function ask them.
use strict;
use warnings;

# Asks a server; any status is an answer: { status, headers, body }. Options: `method`, `headers`, `body`, `timeout`.
# Errors: denied, unavailable.
sub fetch {
    my (undef, $url, %options) = @_;
    my $given = delete $options{headers} // {};
    my %headers = map { $_ => ref $given->{$_} ? $given->{$_} : [$given->{$_}] } keys %$given;
    my $body = delete $options{body};
    my %content = defined $body ? Gojinn::Host->packed('body', $body) : ();
    my $answer = Gojinn::Host->call('http.fetch', method => 'GET', url => $url, headers => \%headers, %content, %options);
    my %fields = map { lc $_ => $answer->{headers}{$_} } keys %{ $answer->{headers} // {} };
    return { status => $answer->{status}, headers => \%fields, body => Gojinn::Host->unpacked('body', $answer) };
}

1;
