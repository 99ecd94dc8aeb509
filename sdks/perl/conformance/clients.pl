# What HTTP::Tiny does.
use strict;
use warnings;
use HTTP::Tiny;

my $http = HTTP::Tiny->new;

sub answered {
    my ($answer) = @_;
    return Response->bytes($answer->{content}, 'text/plain', status => 400) if $answer->{status} == 599;
    my $cookies = $answer->{headers}{'set-cookie'};
    return { status => $answer->{status}, cookies => ref $cookies ? $cookies : [$cookies // ()], body => text($answer->{content}) };
}

return {
    '/client/get'  => sub { answered($http->get(scalar $_[0]->query('url'))) },
    '/client/post' => sub {
        my ($request) = @_;
        return Response->bytes($http->post(scalar $request->query('url'), { content => $request->body })->{content});
    },
    '/client/form' => sub {
        my ($request) = @_;
        my $answer = $http->post_form(scalar $request->query('url'), $request->json);
        return Response->bytes($answer->{content}, $answer->{headers}{'content-type'});
    },
    '/client/late' => sub {
        my $answer = HTTP::Tiny->new(timeout => 0.1)->get(scalar $_[0]->query('url'));
        return { late => $answer->{status} == 599 ? \1 : \0 };
    },
};
