package Gojinn::Response;

# What a function answers; the methods of the class make the usual ones. All take `status` and `headers`, which has a
# value or a reference to several for each name.
use strict;
use warnings;

sub new {
    my ($class, $body, @options) = @_;
    my %options = options(@options);
    my $status = $options{status} // 200;
    die "the status is '$status', expected 200 to 599 " . Gojinn::place() . "\n"
        if $status !~ /\A[0-9]+\z/ || $status < 200 || $status > 599;
    die 'the body is ' . Gojinn::shown($body) . ', expected a text or bytes ' . Gojinn::place() . "\n"
        if !defined $body || ref $body;
    my $given = $options{headers} // {};
    my %headers = map { $_ => [map {"$_"} ref $given->{$_} ? @{ $given->{$_} } : $given->{$_}] } keys %$given;
    return bless { body => $body, status => $status + 0, headers => \%headers }, $class;
}

# Plain text, of characters.
sub text { my ($class, $text, @options) = @_; return $class->typed('text/plain; charset=utf-8', $text, @options) }

# A page.
sub html { my ($class, $text, @options) = @_; return $class->typed('text/html; charset=utf-8', $text, @options) }

# What JSON can write: references to hashes and arrays, texts, numbers, undef, \1 and \0.
sub json {
    my ($class, $value, @options) = @_;
    return $class->typed('application/json', Gojinn::JSON::encode($value), @options);
}

# Bytes, of any type.
sub bytes {
    my ($class, $bytes, $type, @options) = @_;
    my $self = $class->typed($type // 'application/octet-stream', $bytes, @options);
    $self->{bytes} = 1;
    return $self;
}

# No body.
sub empty { my ($class, @options) = @_; return $class->new('', status => 204, options(@options)) }

# Sends the client elsewhere.
sub redirect {
    my ($class, $location, @options) = @_;
    return $class->new('', status => 302, options(@options), headers => { Location => $location });
}

# Sees that options are pairs of a known name and a value.
sub options {
    my @given = @_;
    for (my $i = 0; $i < @given; $i += 2) {
        my $name = $given[$i] // 'undef';
        die "the option '$name' is none of 'status => 201' and 'headers => {...}' " . Gojinn::place() . "\n"
            if $name !~ /\A(?:status|headers)\z/;
        die "the option '$name' has no value " . Gojinn::place() . "\n" if $i == $#given;
    }
    return @given;
}

sub typed {
    my ($class, $type, $body, @options) = @_;
    my %options = options(@options);
    return $class->new($body, %options, headers => { 'Content-Type' => $type, %{ $options{headers} // {} } });
}

# As the host reads it.
sub envelope {
    my ($self) = @_;
    my $body = $self->{body};
    my %content = (body => "$body");
    %content = (body => Gojinn::Host->base64($body), body_encoding => 'base64') if $self->{bytes} && !utf8::decode($content{body});
    return Gojinn::JSON::encode({ status => $self->{status}, headers => $self->{headers}, %content });
}

1;
