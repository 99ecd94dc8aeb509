package Gojinn::Log;

# The function's log. What is printed goes there too. Fields follow the message: Gojinn::Log->info('sent', to => 'ada').
use strict;
use warnings;

sub debug { my ($class, $message, %fields) = @_; return $class->add('debug', $message, %fields) }
sub info { my ($class, $message, %fields) = @_; return $class->add('info', $message, %fields) }
sub warn { my ($class, $message, %fields) = @_; return $class->add('warn', $message, %fields) }
sub error { my ($class, $message, %fields) = @_; return $class->add('error', $message, %fields) }

sub add {
    my (undef, $level, $message, %fields) = @_;
    Gojinn::Host->call('log.write', level => $level, message => "$message", fields => \%fields);
    return;
}

1;
