package Gojinn::Blob;

# Objects of the function's tenant. Which it may use, `permissions` in the Caddyfile says. What is known of one is
# { key, size, etag, content_type, metadata }.
use strict;
use warnings;

# Writes an object with `content_type` and `metadata`, with `if_match` only over the one with that etag; its etag.
sub put { my ($class, $key, $body, %options) = @_; return $class->add('blob.put', $key, $body, %options) }

# Writes an object where none is; its etag. Error: exists.
sub create { my ($class, $key, $body, %options) = @_; return $class->add('blob.put_if_absent', $key, $body, %options) }

# Reads an object or a piece of it (`offset`, `length`), at most 4 MiB at a time: what is known of it with `body`.
sub get {
    my (undef, $key, %options) = @_;
    my $answer = Gojinn::Host->call('blob.get', key => $key, %options);
    return { %{ known($answer) }, body => MIME::Base64::decode_base64($answer->{body}) };
}

# What is known of an object. Error: not-found.
sub head { my (undef, $key) = @_; return known(Gojinn::Host->call('blob.head', key => $key)) }

# Lists objects in the order of their keys: { objects, next }; `after` and `limit` as for keys.
sub objects {
    my (undef, $prefix, %options) = @_;
    my $answer = Gojinn::Host->call('blob.list', prefix => $prefix // '', %options);
    return { objects => [map { known($_) } @{ $answer->{objects} }], next => $answer->{next} };
}

# Removes an object; one that is not there is no error.
sub delete { my (undef, $key) = @_; Gojinn::Host->call('blob.delete', key => $key); return }

# Copies an object with its content type and metadata. Error: not-found.
sub copy {
    my (undef, $source, $target) = @_;
    Gojinn::Host->call('blob.copy', source => $source, target => $target);
    return;
}

# An address by which anybody may read (GET) or write (PUT) an object for some seconds (900).
sub presign {
    my (undef, $key, %options) = @_;
    return Gojinn::Host->call('blob.presign', key => $key, method => 'GET', seconds => 900, %options)->{url};
}

sub add {
    my (undef, $operation, $key, $body, %options) = @_;
    return Gojinn::Host->call($operation, key => $key, body => Gojinn::Host->base64($body), %options)->{etag};
}

sub known {
    my ($answer) = @_;
    my %known = map { $_ => $answer->{$_} } qw(key size etag);
    return { %known, content_type => $answer->{content_type} // '', metadata => $answer->{metadata} // {} };
}

1;
