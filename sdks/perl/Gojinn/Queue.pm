package Gojinn::Queue;

# Jobs for functions, done in the background.
use strict;
use warnings;

# Sends a job, to be done after `delay` seconds; of two with the same `key` only the first is run. Also `headers`,
# `priority`. Returns { job, duplicate }.
sub publish {
    my (undef, $queue, $body, %options) = @_;
    return Gojinn::Host->call('queue.publish', queue => $queue, Gojinn::Host->packed('body', $body // ''), %options);
}

# What is known of a job, { id, queue, state, body, ... }: its state is scheduled, queued, running, retrying, done,
# dead or cancelled. Error: not-found.
sub status { my (undef, $job) = @_; return Gojinn::Host->call('queue.status', job => $job) }

# Calls off a job, also one that runs. Error: conflict when it is over.
sub cancel { my (undef, $job) = @_; return Gojinn::Host->call('queue.cancel', job => $job) }

1;
