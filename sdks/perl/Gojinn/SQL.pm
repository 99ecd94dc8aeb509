package Gojinn::SQL;

# The database that the function's block names with `db_driver`. Bytes are a reference to them: \$bytes.
use strict;
use warnings;

my $SAFE = 2**53 - 1;

# Runs a statement: { columns, rows }, the rows as arrays. Parameters stand for `?`.
sub query { my (undef, $sql, @params) = @_; return found(Gojinn::Host->call('sql.query', %{ statement($sql, @params) })) }

# The rows of a statement, each a hash by the columns' names.
sub rows {
    my ($class, $sql, @params) = @_;
    my $found = $class->query($sql, @params);
    return map { my $row = $_; +{ map { $found->{columns}[$_] => $row->[$_] } 0 .. $#$row } } @{ $found->{rows} };
}

# Runs a statement whose rows are not wanted: { changes, last_id }.
sub execute {
    my (undef, $sql, @params) = @_;
    my $answer = Gojinn::Host->call('sql.exec', %{ statement($sql, @params) });
    return { changes => $answer->{changes}, last_id => $answer->{last_id} };
}

# Runs statements, each [$sql, @params], in one transaction, all or none: what each changed.
sub batch {
    my (undef, @statements) = @_;
    my $answer = Gojinn::Host->call('sql.batch', statements => [map { statement(@$_) } @statements]);
    return map { { changes => $_->{changes}, last_id => $_->{last_id} } } @{ $answer->{results} };
}

# Runs code in a transaction: undone when it dies, else committed.
sub transaction {
    my (undef, $code) = @_;
    Gojinn::Host->call('sql.begin');
    my @result;
    if (!eval { @result = $code->(); 1 }) {
        my $error = $@;
        Gojinn::Host->call('sql.rollback');
        die $error;
    }
    Gojinn::Host->call('sql.commit');
    return wantarray ? @result : $result[0];
}

sub statement { my ($sql, @params) = @_; return { sql => $sql, params => [map { tagged($_) } @params] } }

# Writes a value that JSON does not have.
sub tagged {
    my ($value) = @_;
    return { '$blob' => Gojinn::Host->base64($$value) } if ref $value eq 'SCALAR';
    return $value if ref $value || !defined $value || !Gojinn::JSON::number($value);
    return abs $value > $SAFE && $value == int $value ? { '$integer' => sprintf '%.0f', $value } : $value;
}

# Reads such a value; dates and decimals stay text, and integers that Perl cannot hold.
sub untagged {
    my ($value) = @_;
    return $value if ref $value ne 'HASH';
    my ($tag, $content) = %$value;
    return MIME::Base64::decode_base64($content) if $tag eq '$blob';
    return $tag eq '$real' ? 0 + $content : $content;
}

sub found {
    my ($answer) = @_;
    my @columns = map { $_->{name} } @{ $answer->{columns} // [] };
    return { columns => \@columns, rows => [map { [map { untagged($_) } @$_] } @{ $answer->{rows} // [] }] };
}

1;
