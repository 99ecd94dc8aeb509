# The conformance function of the Perl SDK: does what ../../conformance/README.md says.
use strict;
use warnings;

my %ACTIONS = (
    '/echo'    => sub { my ($request) = @_; Response->bytes($request->body, scalar $request->header('content-type') // '') },
    '/request' => sub {
        my ($request) = @_;
        return {
            method  => $request->method,
            path    => $request->path,
            query   => scalar $request->query('q') // '',
            header  => [$request->header('x-many')],
            trigger => $request->trigger,
            tenant  => $request->tenant,
            attempt => $request->attempt,
        };
    },
    '/headers' => sub { Response->text('ok', headers => { 'Set-Cookie' => ['a=1', 'b=2'] }) },
    '/json'    => sub {
        my $given = $_[0]->json;
        return { text => $given->{text}, number => $given->{number} + 1, count => scalar @{ $given->{list} } };
    },
    '/fail' => sub { die 'a detail that stays in the log' },
    '/env'  => sub { { value => $ENV{GREETING} } },
    '/log'  => sub {
        my $given = $_[0]->json;
        my $level = $given->{level};
        Gojinn::Log->$level($given->{message}, %{ $given->{fields} // {} });
        return Response->empty;
    },
    '/kv/get' => sub {
        my $entry = Gojinn::KV->find($_[0]->json->{key}) or return { value => undef };
        return { value => text($entry->{value}), revision => $entry->{revision} };
    },
    '/kv/put'    => sub { my $given = $_[0]->json; { revision => Gojinn::KV->put(@$given{qw(key value)}, ttl => $given->{ttl}) } },
    '/kv/create' => sub { my $given = $_[0]->json; { revision => Gojinn::KV->create(@$given{qw(key value)}) } },
    '/kv/cas'    => sub { my $given = $_[0]->json; { revision => Gojinn::KV->cas(@$given{qw(key value revision)}) } },
    '/kv/delete' => sub { Gojinn::KV->delete($_[0]->json->{key}); {} },
    '/kv/list'   => sub {
        my $given = $_[0]->json;
        my $page = Gojinn::KV->keys($given->{prefix}, limit => $given->{limit});
        return { keys => $page->{names}, more => defined $page->{next} ? \1 : \0 };
    },
    '/kv/commit' => sub { { revisions => scalar(my @all = Gojinn::KV->commit(@{ $_[0]->json->{changes} })) } },
    '/kv/bytes'  => sub {
        my ($request) = @_;
        my $key = $request->query('key');
        return { revision => Gojinn::KV->put($key, $request->body) } if $request->method eq 'PUT';
        return Response->bytes(Gojinn::KV->get($key) // Gojinn::Error->throw('not-found', 'no such key'));
    },
    '/lock/cycle' => sub { cycle($_[0]->json->{name}) },
    '/sql/exec'   => sub { my $given = $_[0]->json; { changes => Gojinn::SQL->execute(statement($given))->{changes} } },
    '/sql/query'  => sub { Gojinn::SQL->query(statement($_[0]->json)) },
    '/sql/batch'  => sub {
        my @statements = map { [statement($_)] } @{ $_[0]->json->{statements} };
        return { changes => [map { $_->{changes} } Gojinn::SQL->batch(@statements)] };
    },
    '/sql/transaction' => sub {
        my $given = $_[0]->json;
        my $done = eval {
            Gojinn::SQL->transaction(sub { Gojinn::SQL->execute(statement($given)); die "undo\n" if !$given->{commit} });
            1;
        };
        die $@ if !$done && $@ ne "undo\n";
        return {};
    },
    '/sql/bytes' => sub {
        my $bytes = $_[0]->body;
        return Response->bytes(Gojinn::SQL->query('select ? as bytes', \$bytes)->{rows}[0][0]);
    },
    '/blob/put' => sub {
        my ($request) = @_;
        my $type = $request->header('content-type');
        return { etag => Gojinn::Blob->put(scalar $request->query('key'), $request->body, content_type => $type) };
    },
    '/blob/create' => sub { { etag => Gojinn::Blob->create(scalar $_[0]->query('key'), $_[0]->body) } },
    '/blob/get'    => sub {
        my $object = Gojinn::Blob->get(scalar $_[0]->query('key'));
        return Response->bytes($object->{body}, $object->{content_type});
    },
    '/blob/head' => sub {
        my $known = Gojinn::Blob->head(scalar $_[0]->query('key'));
        return { size => $known->{size}, content_type => $known->{content_type} };
    },
    '/blob/list'   => sub { { keys => [map { $_->{key} } @{ Gojinn::Blob->objects(scalar $_[0]->query('prefix'))->{objects} }] } },
    '/blob/copy'   => sub { Gojinn::Blob->copy(scalar $_[0]->query('key'), scalar $_[0]->query('target')); {} },
    '/blob/delete' => sub { Gojinn::Blob->delete(scalar $_[0]->query('key')); {} },
    '/queue/publish' => sub {
        my $given = $_[0]->json;
        my $published = Gojinn::Queue->publish(@$given{qw(queue body)}, key => $given->{key}, delay => $given->{delay});
        return { job => $published->{job}, duplicate => $published->{duplicate} };
    },
    '/queue/cycle' => sub {
        my $published = Gojinn::Queue->publish($_[0]->json->{queue}, $_[0]->body, delay => 3600);
        my $before = Gojinn::Queue->status($published->{job})->{state};
        return { before => $before, after => Gojinn::Queue->cancel($published->{job})->{state} };
    },
    '/http/fetch' => sub {
        my $given = $_[0]->json;
        my $url = delete $given->{url};
        my $answer = Gojinn::HTTP->fetch($url, %$given);
        my $cookies = $answer->{headers}{'set-cookie'} // [];
        return { status => $answer->{status}, cookies => $cookies, body => text($answer->{body}), url => $answer->{url} };
    },
    '/http/relay' => sub {
        my ($request) = @_;
        my $headers = { 'Content-Type' => scalar $request->header('content-type') };
        my $answer = Gojinn::HTTP->post(scalar $request->query('url'), $request->body, headers => $headers);
        return Response->bytes($answer->{body}, $answer->{headers}{'content-type'}[0]);
    },
    %{ require 'clients.pl' },
    '/ai/chat' => sub { { answer => Gojinn::AI->chat($_[0]->json->{prompt}) } },
);

sub handle {
    my ($request) = @_;
    return Response->empty(status => $1) if $request->path =~ m{\A/status/([0-9]+)\z};
    my $action = $ACTIONS{ $request->path } or return Response->text('no such path', status => 404);
    my $answer = eval { $action->($request) };
    if (my $error = $@) {
        die $error if !Gojinn::Error->is($error);
        return Response->json({ error => $error->code, message => $error->message }, status => 400);
    }
    return ref $answer eq 'HASH' ? Response->json($answer) : $answer;
}

sub text { my ($bytes) = @_; utf8::decode($bytes); return $bytes }

sub statement { my ($given) = @_; return ($given->{sql}, @{ $given->{params} // [] }) }

sub cycle {
    my ($name) = @_;
    my $lock = Gojinn::Lock->acquire($name, ttl => 30);
    my $second = code_of(sub { Gojinn::Lock->acquire($name, ttl => 30) });
    $lock->renew(60)->release;
    return { second => $second, ttl => $lock->ttl, again => code_of(sub { $lock->release }) };
}

sub code_of {
    my ($action) = @_;
    eval { $action->(); 1 } and return undef;
    return Gojinn::Error->is($@) ? $@->code : die $@;
}
