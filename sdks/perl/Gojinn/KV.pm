package Gojinn::KV;

# Keys and values of the function's tenant. Which keys it may use, `permissions` in the Caddyfile says.
use strict;
use warnings;

# A key's value as bytes, or undef.
sub get { my ($class, $key) = @_; my $entry = $class->find($key); return $entry && $entry->{value} }

# What a key holds, { key, value, revision }, or undef. `consistent => 1` sees at once what other nodes have written.
sub find {
    my (undef, $key, %options) = @_;
    my $consistent = $options{consistent} ? \1 : undef;
    my $answer = eval { Gojinn::Host->call('kv.get', key => $key, consistent => $consistent) };
    if (my $error = $@) {
        return undef if Gojinn::Error->is($error, 'not-found');
        die $error;
    }
    return { key => $key, value => Gojinn::Host->unpacked('value', $answer), revision => $answer->{revision} };
}

# Writes a key, gone after `ttl` seconds if that is said; returns its revision.
sub put { my ($class, $key, $value, %options) = @_; return $class->add('kv.put', $key, $value, %options) }

# Writes a key that does not exist; returns its revision. Error: conflict.
sub create { my ($class, $key, $value, %options) = @_; return $class->add('kv.create', $key, $value, %options) }

# Writes a key that still has a revision (0: does not exist); returns the new one. Error: conflict.
sub cas {
    my ($class, $key, $value, $revision, %options) = @_;
    return $class->add('kv.cas', $key, $value, revision => $revision, %options);
}

# Deletes a key, if it still has the `revision`. Error: conflict.
sub delete {
    my (undef, $key, %options) = @_;
    Gojinn::Host->call('kv.delete', key => $key, revision => $options{revision});
    return;
}

# Lists keys: { names, next }, of which `next` is given as `after` for more, undef when there are none.
sub keys {
    my (undef, $prefix, %options) = @_;
    my $answer = Gojinn::Host->call('kv.list', prefix => $prefix // '', limit => 100, %options);
    return { names => [map { $_->{key} } @{ $answer->{keys} }], next => $answer->{next} };
}

# Makes all changes or none; returns the revisions. A change is { key, value } or { key, delete => 1 }, with `revision`
# if the key must still have it, and `ttl`. Error: conflict.
sub commit {
    my (undef, @changes) = @_;
    my @asked;
    for my $change (@changes) {
        my %asked = (key => $change->{key});
        for my $name (qw(revision ttl)) { $asked{$name} = $change->{$name} if defined $change->{$name} }
        push @asked, { %asked, $change->{delete} ? (delete => \1) : Gojinn::Host->packed('value', $change->{value}) };
    }
    return @{ Gojinn::Host->call('kv.commit', changes => \@asked)->{revisions} };
}

sub add {
    my (undef, $operation, $key, $value, %options) = @_;
    return Gojinn::Host->call($operation, key => $key, Gojinn::Host->packed('value', $value), %options)->{revision};
}

1;
