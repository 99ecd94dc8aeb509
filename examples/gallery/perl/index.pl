# The same job in every language: reads an order's JSON from the body, adds tax, answers JSON.
use strict;
use warnings;

sub handle {
    my ($request) = @_;
    my $order = $request->json;
    return Response->json({ order_id => $order->{id}, total => $order->{value} * 1.15 });
}
