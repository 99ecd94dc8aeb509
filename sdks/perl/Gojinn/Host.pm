package Gojinn::Host;

# Any operation of the host, by its name. The other packages are for what most functions need.
use strict;
use warnings;
use MIME::Base64 ();

my %REFUSED = (1 => "the operation's name is too long", 2 => 'the request is too large', 3 => 'the answer is too large');

# Runs an operation such as 'kv.get' and returns its answer; docs/reference/host-calls.md lists them. Fields that
# are undef are left out. Dies with a Gojinn::Error.
sub call {
    my (undef, $operation, %fields) = @_;
    Gojinn::Error->throw('booting', "$operation cannot be used while the function is loaded, only in handle")
        if $Gojinn::loading;
    delete @fields{ grep { !defined $fields{$_} } keys %fields };
    my $answer = Gojinn::native('c' . chr(length $operation) . $operation . Gojinn::JSON::encode(\%fields));
    Gojinn::Error->throw('limit', "$operation: " . ($REFUSED{$answer} // "error $answer")) if length $answer == 1;
    my $told = Gojinn::JSON::decode($answer);
    my $error = ref $told eq 'HASH' ? $told->{error} : undef;
    Gojinn::Error->throw($error->{code}, "$operation: $error->{message}") if ref $error eq 'HASH' && $error->{code};
    return $told;
}

# A text or bytes as a field: a text as it is, bytes that are no UTF-8 as base64.
sub packed {
    my (undef, $name, $value) = @_;
    die "the $name is " . Gojinn::shown($value) . ', expected a text or bytes ' . Gojinn::place() . "\n"
        if !defined $value || ref $value;
    return ($name => "$value") if utf8::is_utf8($value) || $value !~ /[^\x00-\x7f]/;
    my $text = "$value";
    return ($name => $text) if utf8::decode($text);
    return ("${name}_base64" => MIME::Base64::encode_base64($value, ''));
}

# Reads such a field: bytes.
sub unpacked {
    my (undef, $name, $answer) = @_;
    my $base64 = $answer->{"${name}_base64"};
    return MIME::Base64::decode_base64($base64) if defined $base64;
    my $text = $answer->{$name} // '';
    utf8::encode($text);
    return $text;
}

# Any text or bytes as base64, a text in UTF-8.
sub base64 {
    my (undef, $value) = @_;
    my $bytes = "$value";
    utf8::encode($bytes) if utf8::is_utf8($bytes);
    return MIME::Base64::encode_base64($bytes, '');
}

1;
