# {{name}} runs by the clock and counts how often, and tells that to who asks.
use strict;
use warnings;

sub handle {
    my ($request) = @_;
    my $entry = Gojinn::KV->find('ticks') // { value => 0, revision => 0 };
    my $ticks = $entry->{value} + 0;
    if ($request->trigger eq 'cron') {
        $ticks++;
        # Refused when another run was quicker: this one is then tried again.
        Gojinn::KV->cas('ticks', "$ticks", $entry->{revision});
        Gojinn::Log->info('tick', ticks => $ticks);
    }
    return Response->json({ ticks => $ticks });
}
