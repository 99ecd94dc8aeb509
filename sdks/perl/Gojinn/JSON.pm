# JSON by RFC 8259: quicker than JSON::PP, which is there too. Texts are characters, not bytes. ASCII only.
package Gojinn::JSON;
use strict;
use warnings;

package Gojinn::JSON::Boolean;
use overload '0+' => sub { ${ $_[0] } }, 'bool' => sub { ${ $_[0] } }, '""' => sub { ${ $_[0] } }, '!' => sub { !${ $_[0] } },
    fallback => 1;

package Gojinn::JSON;

our $TRUE = do { my $value = 1; bless \$value, 'Gojinn::JSON::Boolean' };
our $FALSE = do { my $value = 0; bless \$value, 'Gojinn::JSON::Boolean' };
my $DEEPEST = 500;
my %ESCAPES = (n => "\n", t => "\t", r => "\r", b => "\b", f => "\f", '"' => '"', '\\' => '\\', '/' => '/');
my %WRITTEN = ("\n" => '\n', "\t" => '\t', "\r" => '\r', "\b" => '\b', "\f" => '\f', '"' => '\"', '\\' => '\\\\');

# Reads a text. Dies with what is wrong.
sub decode {
    my ($text) = @_;
    my $value = value(\$text, 0);
    $text =~ /\G[ \t\r\n]+/gc;
    wrong(\$text) if (pos($text) // 0) < length $text;
    return $value;
}

sub wrong { my ($text) = @_; die 'it is not JSON at character ' . (pos($$text) // 0) . "\n" }

sub value {
    my ($text, $depth) = @_;
    die "it is nested more than $DEEPEST deep\n" if $depth > $DEEPEST;
    $$text =~ /\G[ \t\r\n]+/gc;
    return string($1) if $$text =~ /\G"([^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+)"/gc;
    if ($$text =~ /\G\{[ \t\r\n]*/gc) {
        my %members;
        return \%members if $$text =~ /\G\}/gc;
        while (1) {
            $$text =~ /\G[ \t\r\n]*"([^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+)"[ \t\r\n]*:/gc or wrong($text);
            my $name = string($1);
            $members{$name} = value($text, $depth + 1);
            next if $$text =~ /\G[ \t\r\n]*,/gc;
            return \%members if $$text =~ /\G[ \t\r\n]*\}/gc;
            wrong($text);
        }
    }
    if ($$text =~ /\G\[[ \t\r\n]*/gc) {
        my @values;
        return \@values if $$text =~ /\G\]/gc;
        while (1) {
            push @values, value($text, $depth + 1);
            next if $$text =~ /\G[ \t\r\n]*,/gc;
            return \@values if $$text =~ /\G[ \t\r\n]*\]/gc;
            wrong($text);
        }
    }
    return 0 + $1 if $$text =~ /\G(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)/gc;
    return $TRUE if $$text =~ /\Gtrue/gc;
    return $FALSE if $$text =~ /\Gfalse/gc;
    return undef if $$text =~ /\Gnull/gc;
    wrong($text);
}

sub string {
    my ($text) = @_;
    return $text if index($text, '\\') < 0;
    $text =~ s/\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/chr(0x10000 + ((hex($1) & 0x3ff) << 10) + (hex($2) & 0x3ff))/ge
        if index($text, '\\u') >= 0;
    $text =~ s{\\(?:u([0-9a-fA-F]{4})|(.))}{
        defined $1 ? (hex($1) >= 0xd800 && hex($1) <= 0xdfff ? "\x{fffd}" : chr hex $1) : $ESCAPES{$2} // die "it has an unknown escape '\\$2'\n"
    }gesx;
    return $text;
}

# Writes a value: references to hashes and arrays, texts, numbers, undef, true and false as \1 and \0.
sub encode {
    my ($value) = @_;
    return 'null' if !defined $value;
    my $kind = ref $value;
    if ($kind eq '') {
        return text($value) if !number($value);
        return $value == $value && $value - $value == 0 ? 0 + $value : die "JSON has no number $value\n";
    }
    return '{' . join(',', map { text($_) . ':' . encode($value->{$_}) } sort keys %$value) . '}' if $kind eq 'HASH';
    return '[' . join(',', map { encode($_) } @$value) . ']' if $kind eq 'ARRAY';
    return $$value ? 'true' : 'false' if $kind eq 'SCALAR' || $kind eq 'Gojinn::JSON::Boolean' || $kind eq 'JSON::PP::Boolean';
    return encode($value->TO_JSON) if eval { $value->can('TO_JSON') };
    die "JSON cannot hold a $kind\n";
}

# Whether a scalar is a number, not a text that looks like one.
sub number {
    my ($value) = @_;
    no warnings 'experimental::builtin';
    return builtin::created_as_number($value) || builtin::is_bool($value) && 0;
}

sub text {
    my ($text) = @_;
    $text =~ s{(["\\\x00-\x1f])}{$WRITTEN{$1} // sprintf '\\u%04x', ord $1}ge;
    return qq{"$text"};
}

1;
