# {{name}} keeps items by an API in JSON.
#
#   GET    /       lists them
#   PUT    /<id>   writes one, any JSON
#   GET    /<id>   reads it
#   DELETE /<id>   removes it
use strict;
use warnings;

my $PREFIX = 'items/';
my %METHODS = (GET => \&item, PUT => \&write_item, DELETE => \&remove);

sub handle {
    my ($request) = @_;
    my ($id) = $request->path =~ m{\A/(.*)}s;
    if ($id eq '') {
        return $request->method eq 'GET' ? list() : problem(405, 'name an item: /<id>');
    }
    my $method = $METHODS{ $request->method } or return problem(405, 'use GET, PUT or DELETE');
    return $method->($id, $request);
}

sub list {
    my $page = Gojinn::KV->keys($PREFIX);
    return Response->json({ items => [map { substr $_, length $PREFIX } @{ $page->{names} }] });
}

sub item {
    my ($id) = @_;
    my $item = Gojinn::KV->get($PREFIX . $id) // return problem(404, 'there is no such item');
    return Response->bytes($item, 'application/json');
}

sub write_item {
    my ($id, $request) = @_;
    eval { $request->json; 1 } or return problem(400, 'send JSON');
    Gojinn::KV->put($PREFIX . $id, $request->body);
    return Response->json({ id => $id });
}

sub remove {
    my ($id) = @_;
    Gojinn::KV->delete($PREFIX . $id);
    return Response->empty;
}

sub problem {
    my ($status, $error) = @_;
    return Response->json({ error => $error }, status => $status);
}
