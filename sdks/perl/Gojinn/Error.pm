package Gojinn::Error;

# The host did not do what it was asked: `code` is stable, `message` is for people. As a text it has the place, too.
# Codes: bad-request, conflict, denied, exists, limit, not-found, timeout,
# too-large, unavailable, unknown-op and others.
use strict;
use warnings;
use overload '""' => sub { my ($self) = @_; "$self->{message} $self->{place}" }, bool => sub {1}, fallback => 1;

# Throws one.
sub throw {
    my ($class, $code, $message) = @_;
    die bless { code => $code, message => $message, place => Gojinn::place() }, $class;
}

sub code { my ($self) = @_; return $self->{code} }
sub message { my ($self) = @_; return $self->{message} }

# Whether an exception is one of these, with that code if one is given.
sub is {
    my ($class, $error, $code) = @_;
    local $@;
    return ref $error && eval { $error->isa($class) } && (!defined $code || $error->code eq $code);
}

1;
