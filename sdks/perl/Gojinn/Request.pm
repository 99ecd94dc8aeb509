package Gojinn::Request;

# What a function is asked.
use strict;
use warnings;

sub new {
    my ($class, $envelope) = @_;
    my %headers = map { lc $_ => ref $envelope->{headers}{$_} ? $envelope->{headers}{$_} : [$envelope->{headers}{$_}] }
        keys %{ $envelope->{headers} // {} };
    return bless { %$envelope, headers => \%headers }, $class;
}

# The HTTP method, or what started the function: ASYNC, CRON, MQTT, WEBHOOK.
sub method { my ($self) = @_; return $self->{method} // '' }

# The path with the query, as received.
sub uri { my ($self) = @_; return $self->{uri} // '' }

# The decoded path.
sub path { my ($self) = @_; my ($path) = split /\?/, $self->uri, 2; return percent($path // '') }

# A parameter of the query, decoded: the first value, or all in a list; without a name the names.
sub query {
    my ($self, $name) = @_;
    my $parameters = $self->{parameters} //= parameters($self->uri);
    return sort keys %$parameters if !defined $name;
    my $values = $parameters->{$name} // [];
    return wantarray ? @$values : $values->[0];
}

# A header field, in upper or lower case: the first value, or all in a list; without a name the names.
sub header {
    my ($self, $name) = @_;
    return sort keys %{ $self->{headers} } if !defined $name;
    my $values = $self->{headers}{ lc $name } // [];
    return wantarray ? @$values : $values->[0];
}

# The body as bytes.
sub body {
    my ($self) = @_;
    return MIME::Base64::decode_base64($self->{body}) if ($self->{body_encoding} // '') eq 'base64';
    my $bytes = $self->{body} // '';
    utf8::encode($bytes);
    return $bytes;
}

# The body as characters. Dies with a Gojinn::Error when it is not UTF-8.
sub text {
    my ($self) = @_;
    Gojinn::Error->throw('bad-request', 'the body is not UTF-8') if ($self->{body_encoding} // '') eq 'base64';
    return $self->{body} // '';
}

# What the body says. Dies with a Gojinn::Error when it is not JSON.
sub json {
    my ($self) = @_;
    my $value = eval { [Gojinn::JSON::decode($self->text)] };
    return $value->[0] if $value;
    chomp(my $reason = "$@");
    Gojinn::Error->throw('bad-request', "the body is not the JSON that is expected: $reason");
}

# The W3C traceparent of the invocation.
sub trace_id { my ($self) = @_; return $self->{trace_id} // '' }
sub tenant { my ($self) = @_; return $self->{tenant} // '' }
sub client_ip { my ($self) = @_; return $self->{client_ip} // '' }

# What started the function: http, queue, cron, mqtt, webhook.
sub trigger { my ($self) = @_; return $self->{trigger} // '' }

# Which delivery of the same event this is, from 1.
sub attempt { my ($self) = @_; return $self->{attempt} // 1 }

sub parameters {
    my ($uri) = @_;
    my (undef, $text) = split /\?/, $uri, 2;
    my %parameters;
    for my $pair (grep {length} split /&/, $text // '') {
        my ($name, $value) = map { tr/+/ /; percent($_) } split /=/, $pair, 2;
        push @{ $parameters{$name} }, $value // '';
    }
    return \%parameters;
}

sub percent {
    my ($text) = @_;
    return $text if index($text, '%') < 0;
    utf8::encode($text);
    $text =~ s/%([0-9a-fA-F]{2})/chr hex $1/ge;
    utf8::decode($text);
    return $text;
}

1;
