# {{name}} greets whom the request's body names.
#
# What stands outside of `handle` runs once, when the function is built; `handle` runs for each request, in a fresh
# sandbox. What is printed goes to the function's log.
use strict;
use warnings;

sub handle {
    my ($request) = @_;
    my $name = read_name($request) // 'world';
    return Response->json({ message => "hello, $name", language => 'Perl', method => $request->method });
}

# The name that the body says, or undef where it says none.
sub read_name {
    my ($request) = @_;
    my $given = eval { $request->json };
    my $name = ref $given eq 'HASH' ? $given->{name} : undef;
    return defined $name && !ref $name && !Gojinn::JSON::number($name) ? $name : undef;
}
