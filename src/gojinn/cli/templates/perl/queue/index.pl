# {{name}} takes messages and sends them in the background.
#
#   POST /           {"to": "ada"}: answered once the job is on disk
#   GET  /?to=ada    tells whether it was sent
use strict;
use warnings;

sub handle {
    my ($request) = @_;
    return work($request) if $request->trigger eq 'queue';
    if ($request->method eq 'POST') {
        my $published = Gojinn::Queue->publish('{{name}}', $request->body);
        return Response->json({ job => $published->{job} }, status => 202);
    }
    my $to = $request->query('to') // '';
    return Response->json({ sent => defined Gojinn::KV->get("sent/$to") ? \1 : \0 });
}

# Does a job. One that fails is tried again, then kept as a dead letter.
sub work {
    my ($job) = @_;
    my $to = $job->json->{to} or die 'the job does not say whom to send to';
    Gojinn::Log->info('sending', to => $to, attempt => $job->attempt);
    Gojinn::KV->put("sent/$to", 'yes');
    return Response->empty;
}
